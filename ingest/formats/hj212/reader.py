"""HJ 212 packet logs of 2005, 2017 and 2025, read in blocks: one packet is one row.

Source: section 7 of the drop contract. The command of a packet decides which dataset it fills, not
the folder; acknowledgements and requests are accepted without a record. Packets of a message that
was split are held back until it is whole or the next block has passed.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from ingest.errors import SourceError
from ingest.formats.hj212.events import KIND_BY_COMMAND, SET_PARAMETER, SITE, events
from ingest.formats.hj212.framing import BAD_PACKET, frame
from ingest.formats.hj212.heads import join_split, read_heads, stamp
from ingest.formats.hj212.items import cut_items, read_codes
from ingest.formats.hj212.records import READINGS, readings
from ingest.formats.piece import Piece
from ingest.formats.text_encoding import BLOCK, utf8_blocks
from ingest.layout import LISTED_ROWS, Layout
from records.contract import QUARANTINE_SCHEMA

DATASETS = (*READINGS.values(), "device_event", "param_log")
# A line that lost its mark is a damaged packet; any other line is no packet at all.
TRACE = r"##|QN=\d|CP=&&|MN=[0-9A-Za-z]{6}"
FIELD = r"[A-Za-z0-9]-[A-Za-z]+\s*="
CHUNK_PACKETS = 20_000


def read_packets(path: Path, shown: str, layout: Layout) -> Iterator[Piece]:
    """Records and quarantined packets of a log, piece by piece.

    Parameters
    ----------
    shown
        Name of the file in messages.
    layout
        Gets the lines that are no packets and the number of packets by command.

    Raises
    ------
    SourceError
        ``undecodable``; ``too_large`` when one line does not fit into a block.
    """
    commands: Counter[str] = Counter()
    held: pl.DataFrame | None = None
    row, rest, line = 0, b"", 1
    for block, is_last in utf8_blocks(path, shown):
        data = np.frombuffer(rest + block, np.uint8)
        frames = frame(data, is_last=is_last, line=line)
        rest, line = data[frames.used :].tobytes(), frames.next_line
        if len(rest) > BLOCK:
            raise SourceError(
                "too_large",
                f"报文日志 {shown} 第 {line} 行超过 {BLOCK >> 20} MiB；请检查换行符后重新导出",
            )
        packets = _with_damaged(frames.packets, frames.others, layout)
        packets = packets.with_columns(pl.int_range(row + 1, row + 1 + pl.len()).alias("row"))
        row += packets.height
        heads = read_heads(packets)
        ready, held = _held_back(heads, held, is_last=is_last)
        # A message begins in one chunk and goes wholly with it.
        chunk = (pl.col("message") // CHUNK_PACKETS).alias("chunk")
        for part in ready.with_columns(chunk).partition_by("chunk", include_key=False):
            yield _piece(part, commands)
    layout.packets = dict(sorted(commands.items()))


def _with_damaged(packets: pl.DataFrame, others: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Packets and lines that were one, in order; the remaining lines go into the layout."""
    if others.is_empty():
        return packets
    is_trace = others["text"].str.contains(TRACE)
    for number, text in others.filter(~is_trace).rows():
        layout.row_count += 1
        if len(layout.rows) < LISTED_ROWS:
            layout.rows.append({"kind": "text", "sheet": None, "line": number, "text": text[:200]})
    damaged = others.filter(is_trace).select(
        "line",
        pl.lit(BAD_PACKET, dtype=pl.Int64).alias("state"),
        pl.lit(-1, dtype=pl.Int64).alias("given"),
        pl.lit(-1, dtype=pl.Int64).alias("computed"),
        pl.lit("").alias("before"),
        "text",
        pl.lit("").alias("segment"),
    )
    return pl.concat([packets, damaged]).sort("line", maintain_order=True)


def _held_back(
    heads: pl.DataFrame, held: pl.DataFrame | None, *, is_last: bool
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Packets to go on with, and those of messages that the next block may make whole."""
    joined = join_split(heads if held is None else pl.concat([held, heads]))
    if is_last or heads.is_empty():
        return joined, None
    # A message that got nothing new from a whole block is not waited for any longer.
    first = int(heads["row"][0])
    is_open = pl.col("is_incomplete") & (pl.col("row").max().over("message") >= first)
    marked = joined.with_columns(is_open.alias("is_open"))
    waiting = marked.filter("is_open").select(heads.columns)
    return marked.filter(~pl.col("is_open")).drop("is_open"), waiting if waiting.height else None


def _piece(heads: pl.DataFrame, commands: "Counter[str]") -> Piece:
    heads = _checked(heads)
    good = heads.filter(pl.col("reason").is_null())
    bad = heads.filter(pl.col("reason").is_not_null())
    commands.update({str(c): int(n) for c, n in good["CN"].value_counts().rows()})
    quarantine = bad.select(
        "row",
        pl.lit(None, dtype=pl.String).alias("sheet"),
        "line",
        pl.concat_list("reason").alias("reasons"),
        pl.when(pl.col("reason").is_in(["bad_date", "missing_required"]))
        .then(pl.concat_list("timed"))
        .otherwise(pl.lit([], dtype=pl.List(pl.String)))
        .alias("columns"),
        (pl.col("before") + " " + pl.col("text")).str.strip_chars().alias("raw"),
    ).cast(pl.Schema(QUARANTINE_SCHEMA))
    return Piece(
        read=heads.height, accepted=good.height, quarantine=quarantine, records=_records(good)
    )


def _checked(heads: pl.DataFrame) -> pl.DataFrame:
    """Packets of readings, and of events, without a readable time get their reason.

    A request for readings has no items of a factor and needs no time; an event may take the time
    at which it was sent.
    """
    is_whole = pl.col("reason").is_null()
    is_data = is_whole & pl.col("CN").is_in(list(READINGS)) & pl.col("content").str.contains(FIELD)
    is_event = is_whole & pl.col("CN").is_in([*KIND_BY_COMMAND, SITE, SET_PARAMETER])
    at = stamp(pl.col("data_time"))
    lacks = (is_data & at.is_null()) | (is_event & at.is_null() & pl.col("qn_at").is_null())
    empty = pl.col("data_time").fill_null("") == ""
    return heads.with_columns(
        pl.when(lacks & empty)
        .then(pl.lit("missing_required"))
        .when(lacks)
        .then(pl.lit("bad_date"))
        .otherwise("reason")
        .alias("reason"),
        pl.when(is_data).then(pl.lit("data_time")).otherwise(pl.lit("event_at")).alias("timed"),
    )


def _records(heads: pl.DataFrame) -> dict[str, pl.DataFrame]:
    told = heads.filter(pl.col("CN").is_in([*READINGS, *KIND_BY_COMMAND, SITE, SET_PARAMETER]))
    if told.is_empty():
        return {}
    items = cut_items(told).join(
        told.drop("content", "text", "reason"), on="row", how="left", maintain_order="left"
    )
    items = read_codes(items)
    is_reading = pl.col("CN").is_in(list(READINGS)) & (pl.col("field") != "")
    is_site = pl.col("name").str.contains(r"^i\d{5}")
    return readings(items.filter(is_reading & ~is_site)) | events(
        items.filter(~is_reading | is_site)
    )
