"""What stands around the content of an HJ 212 packet, why a packet is set aside, split packets.

Sources: HJ 212-2017 section 6.3 and table 3; HJ/T 212-2005; section 7 of the drop contract.
"""

import polars as pl

from ingest.formats.hj212.framing import BAD_LENGTH, BAD_PACKET, WHOLE

VERSIONS = {0: "2005", 1: "2017", 2: "2025"}
CONTENT = r"CP=&&(.*)&&$"
HEAD = r"^(.*?);?\s*CP=&&"
# A cipher has neither separators nor assignments; padding of base64 stands at the end only.
CIPHER = r"^[A-Za-z0-9+/]{16,}={0,2}$"
STAMP = r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})[T\s]*(\d{2}):?(\d{2}):?(\d{2})"
DATA_TIME = r"(?:^|[;,])\s*DataTime\s*=\s*(\d*)"
LATE = pl.duration(minutes=10)


def stamp(text: pl.Expr, pattern: str = STAMP) -> pl.Expr:
    """Local moment out of the first year-to-second stamp in a text, null when there is none."""
    parts = text.str.extract_groups(pattern).struct
    fields = [parts.field(str(k)).cast(pl.Int32, strict=False) for k in range(1, 7)]
    is_real = (
        fields[0].is_between(1900, 2100)
        & fields[1].is_between(1, 12)
        & fields[2].is_between(1, 31)
        & fields[3].is_between(0, 23)
        & fields[4].is_between(0, 59)
        & fields[5].is_between(0, 59)
    )
    text_form = pl.concat_str(parts.field(str(k)) for k in range(1, 7))
    moment = text_form.str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="us")
    return pl.when(is_real).then(moment)


def _named(name: str) -> pl.Expr:
    value = pl.col("head").str.extract(rf"(?:^|;)\s*{name}\s*=\s*([^;]*)").str.strip_chars()
    return pl.when(value != "").then(value).alias(name)


def read_heads(packets: pl.DataFrame) -> pl.DataFrame:
    """Packets of a block with their heads and with ``reason``, null where nothing is wrong.

    Parameters
    ----------
    packets
        As :class:`~ingest.formats.hj212.framing.Frames` gives them, with ``row``.

    Returns
    -------
    polars.DataFrame
        Columns row, line, before, text, reason, is_swapped, QN, ST, CN, MN, flag (Int64), version,
        total and number (of a split packet, else null), content, data_time (text), qn_at, is_late.
    """
    swapped = (pl.col("computed") % 256) * 256 + pl.col("computed") // 256
    read = packets.with_columns(
        pl.col("segment").str.extract(HEAD).alias("head"),
        pl.col("segment").str.extract(CONTENT).str.strip_chars().alias("content"),
        ((pl.col("given") == swapped) & (pl.col("given") != pl.col("computed"))).alias(
            "is_swapped"
        ),
    )
    read = read.with_columns(_named(name) for name in ("QN", "ST", "CN", "MN"))
    read = read.with_columns(
        _named(name).cast(pl.Int64, strict=False).alias(name) for name in ("Flag", "PNUM", "PNO")
    )
    flag = pl.col("Flag").fill_null(0)
    is_split = pl.col("PNUM").fill_null(1) > 1
    received = stamp(pl.col("before"))
    read = read.with_columns(
        (flag // 4).replace_strict(VERSIONS, default="", return_dtype=pl.String).alias("version"),
        pl.when(is_split & pl.col("PNO").is_not_null()).then(pl.col("PNUM")).alias("total"),
        pl.when(is_split).then(pl.col("PNO")).alias("number"),
        pl.col("content").str.extract(DATA_TIME).alias("data_time"),
        stamp(pl.col("QN")).alias("qn_at"),
        _reason().alias("reason"),
    )
    late = (pl.col("qn_at") - received).abs() > LATE
    return read.select(
        *("row", "line", "before", "text", "reason", "is_swapped", "QN", "ST", "CN", "MN", "Flag"),
        *("version", "total", "number", "content", "data_time", "qn_at"),
        late.fill_null(value=False).alias("is_late"),
    )


def _reason() -> pl.Expr:
    is_encrypted = pl.col("content").str.contains(CIPHER)
    lacks = pl.col("MN").is_null() | pl.col("CN").is_null() | pl.col("content").is_null()
    return (
        pl.when(pl.col("state") == BAD_PACKET)
        .then(pl.lit("bad_packet"))
        .when(pl.col("state") == BAD_LENGTH)
        .then(pl.lit("bad_length"))
        .when((pl.col("given") != pl.col("computed")) & ~pl.col("is_swapped"))
        .then(pl.lit("bad_crc"))
        .when(lacks.fill_null(value=True) | (pl.col("state") != WHOLE))
        .then(pl.lit("bad_packet"))
        .when(is_encrypted)
        .then(pl.lit("encrypted"))
    )


def join_split(heads: pl.DataFrame) -> pl.DataFrame:
    """Packets with ``message`` (row of the first packet of their message) and ``is_incomplete``.

    Packets of one message share MN, ST, CN and total and count up; a number that does not go up,
    or another DataTime, begins the next message. A packet sent twice stays in its message.
    """
    split = heads.filter(pl.col("total").is_not_null() & pl.col("reason").is_null())
    if split.is_empty():
        return heads.with_columns(
            pl.col("row").alias("message"), pl.lit(value=False).alias("is_incomplete")
        )
    series = ["MN", "ST", "CN", "total"]
    split = split.sort("row").with_columns(
        pl.col("number").shift().over(series).alias("previous"),
        pl.col("data_time").forward_fill().shift().over(series).alias("known_time"),
    )
    goes_on = (pl.col("number") >= pl.col("previous")) & (
        pl.col("data_time").is_null()
        | pl.col("known_time").is_null()
        | (pl.col("data_time") == pl.col("known_time"))
    )
    is_first = ~goes_on.fill_null(value=False)
    split = split.with_columns(is_first.cum_sum().over(series).alias("turn"))
    message = [*series, "turn"]
    split = split.with_columns(
        pl.col("row").min().over(message).alias("message"),
        (pl.col("number").n_unique().over(message) < pl.col("total")).alias("is_incomplete"),
        pl.col("data_time").drop_nulls().first().over(message).alias("data_time"),
    )
    joined = split.select("row", "message", "is_incomplete", pl.col("data_time").alias("own_time"))
    return (
        heads.join(joined, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("message", "row").alias("message"),
            pl.col("is_incomplete").fill_null(value=False),
            pl.coalesce("data_time", "own_time").alias("data_time"),
        )
        .drop("own_time")
    )
