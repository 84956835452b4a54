"""The content of HJ 212 packets cut into items, and the codes of factors read.

An item is ``factor-Field=value`` or ``Name=value``; ``PolId`` names the factor or device that the
items after it belong to. Sources: HJ 212-2017 section 6.3.4; HJ/T 212-2005 (codes of three signs).
"""

from functools import cache

import polars as pl

from records.contract import read_table

ITEM = r"^\s*([A-Za-z0-9_]+(?:-\d+)?)(?:-([A-Za-z][A-Za-z0-9]*))?\s*=(.*)$"
AIR_SYSTEMS = ("22", "27", "31", "39")
BARE = r"^\d{5}$"


def cut_items(heads: pl.DataFrame) -> pl.DataFrame:
    """Items of the packets, in order.

    Returns
    -------
    polars.DataFrame
        Columns row, place (from 0 within the packet), item (text), name (factor code as sent, or
        the name of a plain item), field (lower case, empty for plain items), value (stripped text),
        pol_id (null before the first ``PolId``).
    """
    pieces = heads.select("row", pl.col("content").str.split(";", inclusive=True).alias("item"))
    pieces = pieces.explode("item").with_columns(pl.col("item").str.split(",", inclusive=True))
    pieces = pieces.explode("item").with_columns(
        pl.col("item").str.contains(ITEM).alias("is_item"),
        pl.col("item").str.ends_with(";").alias("is_end"),
    )
    pieces = pieces.with_columns(
        pl.col("is_item").cum_sum().over("row").alias("place"),
        pl.col("is_end").shift(fill_value=False).cum_sum().over("row").alias("group"),
    )
    # A text with a separator of its own, as in the log of a device, goes on in the next piece.
    if not pieces["is_item"].all():
        pieces = (
            pieces.filter(pl.col("place") > 0)
            .group_by("row", "place", maintain_order=True)
            .agg(pl.col("item").str.join(""), pl.col("group").first())
        )
    pieces = pieces.with_columns(pl.col("item").str.strip_chars(" ,;"))
    parts = pl.col("item").str.extract_groups(ITEM).struct
    items = pieces.select(
        "row",
        pl.col("place").cast(pl.Int64) - 1,
        "item",
        parts.field("1").alias("name"),
        parts.field("2").str.to_lowercase().fill_null("").alias("field"),
        parts.field("3").str.strip_chars().alias("value"),
        "group",
    )
    # A PolId holds for its group; one that is a group of its own holds until the next.
    named = pl.when(pl.col("name") == "PolId").then(pl.col("value"))
    items = items.with_columns(named.alias("named"), pl.len().over("row", "group").alias("size"))
    alone = pl.when(pl.col("size") == 1).then(pl.col("named")).forward_fill().over("row")
    within = pl.col("named").forward_fill().over("row", "group")
    return items.with_columns(pl.coalesce(within, alone).alias("pol_id")).drop(
        "group", "named", "size"
    )


@cache
def _codes() -> pl.DataFrame:
    """Codes of today and of 2005, as sent, by medium: columns sent, medium, code."""
    rows = read_table("hj212_factors.csv")
    media = {"water": "water", "process_wastewater": "water", "site_info": "any", "noise": "any"}
    today = [(r["code"], "any", r["code"]) for r in rows]
    old = [
        (r["old_code_2005"], media.get(r["family"], "air"), r["code"])
        for r in rows
        if r["old_code_2005"]
    ]
    bare = [
        (r["code"][1:], "water" if r["code"][0] == "w" else "air", r["code"])
        for r in rows
        if r["code"][:1] in ("w", "a")
    ]
    table = [(*row, False) for row in today + old] + [(*row, True) for row in bare]
    return pl.DataFrame(
        table, schema=["sent", "medium", "code", "is_repaired"], orient="row"
    ).unique(["sent", "medium"], keep="first", maintain_order=True)


def read_codes(items: pl.DataFrame) -> pl.DataFrame:
    """Items with ``factor`` (code of today), ``is_repaired`` and ``is_unknown``.

    Parameters
    ----------
    items
        With ``name`` and ``ST``; the medium decides what a code without its letter means.
    """
    medium = pl.when(pl.col("ST").is_in(AIR_SYSTEMS)).then(pl.lit("air")).otherwise(pl.lit("water"))
    codes = _codes()
    everywhere = codes.filter(pl.col("medium") == "any").drop("medium", "is_repaired")
    of_medium = codes.filter(pl.col("medium") != "any").rename({"code": "medium_code"})
    found = (
        items.with_columns(medium.alias("medium"))
        .join(everywhere, left_on="name", right_on="sent", how="left", maintain_order="left")
        .join(
            of_medium,
            left_on=["name", "medium"],
            right_on=["sent", "medium"],
            how="left",
            maintain_order="left",
        )
    )
    code = pl.coalesce("code", "medium_code")
    return found.with_columns(
        pl.coalesce(code, "name").alias("factor"),
        (pl.col("code").is_null() & pl.col("is_repaired").fill_null(value=False)).alias(
            "is_repaired"
        ),
        (code.is_null() & ~_in_family(pl.col("name"))).alias("is_unknown"),
    ).drop("code", "medium_code", "medium")


def _in_family(name: pl.Expr) -> pl.Expr:
    """Whether a code belongs to a family such as ``e701xx``, whose last digits count devices."""
    families = [r["code"] for r in read_table("hj212_factors.csv") if r["code"].endswith("x")]
    stem = name.str.len_chars().cast(pl.Int64)
    one, two = name.str.head(stem - 1) + "x", name.str.head(stem - 2) + "xx"
    return (one.is_in(families) | two.is_in(families)).fill_null(value=False)
