"""Which records end up with the wrong organisation, by what is amiss with them.

A record is *lost* when it stands outside the cluster that holds most records of its organisation,
*strange* when most records of its cluster are of another organisation. Records that carry several
kinds count under each; ``alone`` counts those of one kind only, where circumstances (a missing
code, a shared phone) are no kind of mistake.
"""

from typing import Any

import polars as pl

from api.bench.er_error_words import CLEAN, CLEAN_ZH, CORRUPTION_ZH, RELATION_ZH
from ingest.simulate.organizations.corruptions import CIRCUMSTANCES, Corruption, carries
from ingest.simulate.organizations.generate import Generated

EXAMPLES, SHOWN_EXAMPLES = 3, 2
ATTRIBUTES = ("name", "code", "phone", "legal_representative", "address")


def homes(found: pl.Series, truth: pl.DataFrame) -> pl.DataFrame:
    """``truth`` with where each record stands.

    Parameters
    ----------
    found
        Cluster of each record.
    truth
        ``record_id, entity_id, corruptions``, one row per record.

    Returns
    -------
    DataFrame
        The rows in their order with ``found``; ``host``, the organisation that most records of the
        cluster mean; ``is_lost``; ``is_strange``. Ties go to the smaller number.
    """
    frame = truth.with_columns(found=found)
    cells = frame.group_by("entity_id", "found").len()
    main = cells.sort("entity_id", "len", "found", descending=[False, True, False]).unique(
        "entity_id", keep="first", maintain_order=True
    )
    host = cells.sort("found", "len", "entity_id", descending=[False, True, False]).unique(
        "found", keep="first", maintain_order=True
    )
    return (
        frame.join(
            main.select("entity_id", main="found"),
            on="entity_id",
            how="left",
            maintain_order="left",
        )
        .join(host.select("found", host="entity_id"), on="found", how="left", maintain_order="left")
        .with_columns(
            is_lost=pl.col("found") != pl.col("main"),
            is_strange=pl.col("host") != pl.col("entity_id"),
        )
        .drop("main")
    )


def error_table(made: Generated, found: pl.Series) -> dict[str, Any]:
    """Lost and strange records by kind with examples, false merges by relation, and as Markdown."""
    placed = homes(found, made.truth)
    kinds = [
        _kind(placed, made, str(kind.name).lower(), words, kind)
        for kind, words in CORRUPTION_ZH.items()
    ]
    kinds.append(_kind(placed, made, CLEAN, CLEAN_ZH, None))
    relations = _relations(placed, made)
    document = {
        "lost": int(placed["is_lost"].sum()),
        "strange": int(placed["is_strange"].sum()),
        "kinds": kinds,
        "relations": relations,
    }
    return document | {"markdown": markdown(document)}


def _kind(
    placed: pl.DataFrame, made: Generated, name: str, words: str, kind: Corruption | None
) -> dict[str, Any]:
    if kind is None:
        own = placed.filter(~carries(~CIRCUMSTANCES))
        alone = own
    else:
        own = placed.filter(carries(kind))
        alone = own.filter(~carries(~(kind | CIRCUMSTANCES)))
    lost, strange = own.filter("is_lost"), own.filter("is_strange")
    return {
        "kind": name,
        "words": words,
        "is_mistake": kind is not None and not kind & CIRCUMSTANCES,
        "records": own.height,
        "lost": lost.height,
        "lost_alone": int(alone["is_lost"].sum()),
        "strange": strange.height,
        "strange_alone": int(alone["is_strange"].sum()),
        "lost_examples": _examples(alone.filter("is_lost"), lost, made, "entity_id"),
        "strange_examples": _examples(alone.filter("is_strange"), strange, made, "host"),
    }


def _examples(
    wanted: pl.DataFrame, others: pl.DataFrame, made: Generated, beside: str
) -> list[dict[str, Any]]:
    """Records of ``wanted``, then of ``others``, and the organisation in column ``beside``."""
    firms = made.entities.select(
        pl.col("entity_id").alias(beside), firm_name="name", firm_code="code"
    )
    return (
        pl.concat([wanted.sort("record_id"), others.sort("record_id")])
        .join(made.records, on="record_id", how="left", maintain_order="left")
        .join(firms, on=beside, how="left", maintain_order="left")
        # Records of one firm that are written alike say the same.
        .unique(["name", "firm_name"], keep="first", maintain_order=True)
        .select("record_id", *ATTRIBUTES, "firm_name", "firm_code")
        .head(EXAMPLES)
        .to_dicts()
    )


def _relations(placed: pl.DataFrame, made: Generated) -> list[dict[str, Any]]:
    """Strange records by how their organisation relates to the one whose cluster they stand in."""
    entities = made.entities.select("entity_id", "kind", "parent_id")
    sides = (
        placed.filter("is_strange")
        .join(entities, on="entity_id", how="left", maintain_order="left")
        .join(
            entities.rename({"entity_id": "host", "kind": "host_kind", "parent_id": "host_parent"}),
            on="host",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            relation=pl.when(pl.col("parent_id") == pl.col("host"))
            .then("kind")
            .when(pl.col("host_parent") == pl.col("entity_id"))
            .then("host_kind")
            .when(pl.col("host_parent") == pl.col("parent_id"))
            .then(pl.lit("common_parent"))
            .otherwise(pl.lit("unrelated"))
        )
    )
    return [
        {
            "relation": relation,
            "words": words,
            "records": (own := sides.filter(pl.col("relation") == relation)).height,
            "examples": _examples(own, own, made, "host"),
        }
        for relation, words in RELATION_ZH.items()
    ]


def markdown(document: dict[str, Any]) -> str:
    """The tables of :func:`error_table` as people read them; ``*`` marks held-out kinds."""
    lines = [
        "| 记录的差错 | 记录 | 未归入本单位 | 其中仅此差错 | 并入他单位 | 其中仅此差错 | 例 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['words']} | {row['records']:,} | {_part(row['lost'], row['records'])} |"
        f" {row['lost_alone']:,} | {_part(row['strange'], row['records'])} |"
        f" {row['strange_alone']:,} | {_shown(row)} |"
        for row in sorted(document["kinds"], key=_order)
        if row["records"]
    ]
    lines += ["", "| 并入他单位：两单位的关系 | 记录 | 例（记录 → 误入的单位） |", "|---|---|---|"]
    lines += [
        f"| {row['words']} | {row['records']:,} | {_pairs(row['examples'])} |"
        for row in document["relations"]
    ]
    return "\n".join(lines) + "\n"


def _order(row: dict[str, Any]) -> tuple[bool, int, str]:
    """Mistakes first, then circumstances and no mistake; the most harmful of each first."""
    return not row["is_mistake"], -row["lost"] - row["strange"], row["kind"]


def _part(count: int, whole: int) -> str:
    return f"{count:,}（{100 * count / whole:.2f}%）"


def _shown(row: dict[str, Any]) -> str:
    lost, strange = _pairs(row["lost_examples"]), _pairs(row["strange_examples"])
    parts = [f"未归入：{lost}"] if lost else []
    return "<br>".join(parts + ([f"误入：{strange}"] if strange else []))


def _pairs(examples: list[dict[str, Any]]) -> str:
    return "；".join(
        f"{line['name'] or '（无名称）'} → {line['firm_name']}"
        for line in examples[:SHOWN_EXAMPLES]
    )
