"""危险废物台账: five forms in one dataset, told apart by their headings."""

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule

FORMS = {"产生": "GEN", "入库": "IN", "出库": "OUT", "自行": "SELF", "委外": "EXT"}
BATCH_COLUMNS = {
    "GEN": "gen_batch_no",
    "IN": "in_batch_no",
    "OUT": "out_batch_no",
    "SELF": "self_batch_no",
    "EXT": "ext_batch_no",
}


def form_of(headings: HeadingMap) -> str | None:
    """Event of a form, told by its headings of time and quantity; ``None`` when they do not say."""
    told = [headings.columns.get(name, "") for name in ("occurred_at", "qty_t")]
    for word, event in FORMS.items():
        if any(word in heading for heading in told):
            return event
    return None


def _after(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:
    form = pl.lit(form_of(headings), dtype=pl.String)
    frame = frame.with_columns(pl.coalesce("event", form).alias("event"))
    own = pl.coalesce(
        pl.when(pl.col("event") == event).then(pl.col(name))
        for event, name in BATCH_COLUMNS.items()
    )
    frame = frame.with_columns(pl.coalesce("batch_no", own).alias("batch_no"))
    others = pl.concat_list(
        pl.when(pl.col(name) != pl.col("batch_no")).then(pl.col(name))
        for name in BATCH_COLUMNS.values()
    ).list.drop_nulls()
    source = pl.when(others.list.len() > 0).then(others.list.join("、"))
    return frame.with_columns(pl.coalesce("source_batch_no", source).alias("source_batch_no"))


RULE = SourceRule(after=_after)
