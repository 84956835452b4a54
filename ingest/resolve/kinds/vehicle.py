"""Vehicles: plate and plate kind (RULINGS 20); camera misreads go to the one plate they can mean.

Colour is evidence for the kind. An unknown kind matches any except a trailer; where a plate is
known under several kinds, a mention without kind or telling colour stays a vehicle of its own.
"""

import polars as pl

TRAILER_KIND = "15"
UNREAD = "UNREAD"
CAMERAS = ("gate_pass", "checkpoint_pass", "toll_trip")
# Characters that cameras take for each other, as one representative.
MISREAD_FROM = ["B", "D", "Q", "O", "Z", "I", "S"]
MISREAD_TO = ["8", "0", "0", "0", "2", "1", "5"]
KINDS_BY_COLOUR = {
    "黄": ("01", "15", "16", "51"),
    "蓝": ("02",),
    "绿": ("52", "51"),
    "白": ("23",),
}
NORMAL = r"^[\p{Han}][A-Z][A-Z0-9]{3,6}[挂学警港澳]?$"


def _kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """Kind per mention: delivered, trailer by role or last character, else by colour."""
    is_trailer = pl.col("is_trailer") | pl.col("plate").str.ends_with("挂")
    frame = frame.with_columns(
        kind=pl.when(is_trailer)
        .then(pl.lit(TRAILER_KIND))
        .when(~pl.col("plate_kind").is_in(["", "99"]))
        .then(pl.col("plate_kind"))
    )
    known = (
        frame.filter(pl.col("kind").is_not_null() & (pl.col("kind") != TRAILER_KIND))
        .select("plate", found="kind")
        .unique()
    )
    colours = pl.DataFrame(
        [(c, k) for c, kinds in KINDS_BY_COLOUR.items() for k in kinds],
        schema={"tint": pl.String, "found": pl.String},
        orient="row",
    )
    by_colour = (
        known.join(colours, on="found")
        .group_by("plate", "tint")
        .agg(pl.col("found").min(), n=pl.len())
        .filter(pl.col("n") == 1)
        .select("plate", "tint", by_colour="found")
    )
    single = known.group_by("plate").agg(
        only=pl.when(pl.len() == 1).then(pl.col("found").min()).otherwise(pl.lit("several"))
    )
    return (
        frame.with_columns(tint=pl.col("colour").str.extract("([黄蓝绿白])"))
        .join(single, on="plate", how="left", maintain_order="left")
        .join(by_colour, on=["plate", "tint"], how="left", maintain_order="left")
        .with_columns(
            kind=pl.coalesce(
                "kind",
                pl.when(pl.col("only") == "several").then(pl.col("by_colour")),
                pl.when(pl.col("only") != "several").then(pl.col("only")),
                pl.lit(""),
            )
        )
        .drop("tint", "only", "by_colour")
    )


def _misreads(frame: pl.DataFrame) -> pl.DataFrame:
    """Plates seen by cameras only, put right where exactly one documented plate looks alike."""
    look = pl.col("plate").str.slice(0, 2) + pl.col("plate").str.slice(2).str.replace_many(
        MISREAD_FROM, MISREAD_TO
    )
    documented = frame.filter(~pl.col("is_camera")).select("plate", look=look).unique()
    single = (
        documented.group_by("look")
        .agg(meant=pl.col("plate").min(), n=pl.len())
        .filter(pl.col("n") == 1)
        .select("look", "meant")
    )
    known = documented["plate"].implode()
    return (
        frame.with_columns(look=look, is_known=pl.col("plate").is_in(known))
        .join(single, on="look", how="left", maintain_order="left")
        .with_columns(
            plate=pl.when(pl.col("is_camera") & ~pl.col("is_known") & pl.col("meant").is_not_null())
            .then(pl.col("meant"))
            .otherwise(pl.col("plate"))
        )
        .drop("look", "is_known", "meant")
    )


def prepare(tuples: pl.DataFrame, datasets: pl.Series, roles: pl.Series) -> pl.DataFrame:
    """``tuples`` with ``plate`` (null where unread or no plate) and ``kind`` (empty: unknown)."""
    code = pl.col("code").str.to_uppercase().str.replace_all(r"[\s·•.\-]", "")
    frame = tuples.with_columns(
        is_camera=datasets.is_in(list(CAMERAS)),
        is_trailer=roles == "trailer",
        plate=pl.when((code != UNREAD) & code.str.contains(NORMAL)).then(code),
    )
    return _kinds(_misreads(frame))


def vehicle_key() -> pl.Expr:
    """Identity of a prepared vehicle mention, null when the plate was not read."""
    return pl.when(pl.col("plate").is_not_null()).then(pl.col("plate") + "|" + pl.col("kind"))
