"""Packet logs of HJ 212: hours (CN 2061) and ten minutes (CN 2051) of stations that send packets.

Source: HJ 212-2017 section 6 and appendix A; HJ 212-2025 keeps the frame and raises the version in
``Flag``.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.simulate.delivery import Delivery, RawFile
from ingest.simulate.monitoring import Month, claim, hour_rows, minute_rows
from ingest.simulate.size import Period
from ingest.simulate.stations import INSTRUMENTS
from ingest.simulate.truth import Truth

POLYNOMIAL = 0xA001
FLAGS = {"2017": 5, "2025": 9}
# Packets per log whose check sum, and whose length, are spoilt on purpose.
SPOILT = 2


def _table() -> npt.NDArray[np.uint16]:
    out = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        out = np.where(out & 1, (out >> 1) ^ POLYNOMIAL, out >> 1).astype(np.uint16)
    return out


CRC_TABLE = _table()


def check_sums(texts: pl.Series) -> pl.Series:
    """CRC of each data segment, 4 hex digits.

    The register is shifted right by 8 **before** it is combined with the byte, which makes it
    another sum than Modbus: the standard's example gives ``1C80``.
    """
    encoded = texts.to_numpy().astype("S")
    width = encoded.dtype.itemsize
    data = encoded.view(np.uint8).reshape(len(encoded), width)
    length = texts.str.len_bytes().to_numpy()
    register = np.full(len(encoded), 0xFFFF, dtype=np.uint16)
    for place in range(width):
        stepped = CRC_TABLE[(register >> 8) ^ data[:, place]]
        register = np.where(place < length, stepped, register)
    return pl.Series([f"{value:04X}" for value in register.tolist()])


def frame(data: pl.Series) -> pl.Series:
    """Data segments as whole packets without line break: ``##``, length, segment, CRC."""
    length = data.str.len_bytes().cast(pl.String).str.zfill(4)
    return pl.select(pl.lit("##") + length + data + check_sums(data)).to_series()


def logs(delivery: Delivery, truth: Truth, period: Period, months: dict[str, Month]) -> None:
    """Add one log per protocol version, packets in order of arrival."""
    blocks = []
    for medium, month in months.items():
        blocks.append(_packets(month, medium, period, truth, is_hour=True))
        blocks.append(_packets(month, medium, period, truth, is_hour=False))
    every = pl.concat(blocks).sort("arrived_at", "mn", "cn")
    for version in FLAGS:
        part = every.filter(pl.col("protocol") == version)
        if part.is_empty():
            continue
        packets = frame(part["data"])
        if version == "2017":
            stamp = part["arrived_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
            packets = pl.select(stamp + " " + packets).to_series()
        lines = packets.to_list()
        middle = len(lines) // 2
        sound = lines[middle : middle + 2 * SPOILT]
        lines[middle:middle] = [
            *map(_wrong_sum, sound[:SPOILT]), *map(_wrong_length, sound[SPOILT:])
        ]  # fmt: skip
        counts = truth.bad_rows.setdefault("hj212", {"bad_crc": 0, "bad_length": 0})
        counts["bad_crc"] += SPOILT
        counts["bad_length"] += SPOILT
        data = "".join(line + "\r\n" for line in lines).encode("ascii")
        name = f"hj212_{version}_{period.label}.txt"
        delivery.raw.append(RawFile("hj212", name, data, len(lines)))


def _wrong_sum(line: str) -> str:
    """The packet with another check sum, and never the one with its bytes exchanged.

    A sum and its exchanged form differ by two equal bytes, so the mask has unequal ones.
    """
    return line[:-4] + f"{int(line[-4:], 16) ^ 0x0F1E:04X}"


def _wrong_length(line: str) -> str:
    """The packet with a length that is one byte short."""
    head, _, rest = line.partition("##")
    return f"{head}##{int(rest[:4]) - 1:04d}{rest[4:]}"


def _packets(
    month: Month, medium: str, period: Period, truth: Truth, *, is_hour: bool
) -> pl.DataFrame:  # fmt: skip
    """Packets of a medium: arrived_at, mn, cn, protocol, data."""
    wanted = ["packet", "packet_minute"] if is_hour else ["packet_minute"]
    segments, head = [], pl.DataFrame()
    for kind in INSTRUMENTS[medium]:
        rows = (hour_rows if is_hour else minute_rows)(month, kind, period)
        rows = rows.filter(pl.col("feed").is_in(wanted))
        claim(truth, "obs_hour" if is_hour else "obs_minute", rows)
        head = rows.select("mn", "data_time")
        segments.append(rows.select(_segment(kind.code, rows.columns)).to_series().alias(kind.code))
    protocols = dict(month.points.select("mn", "protocol").iter_rows())
    systems = dict(month.points.select("mn", "st").iter_rows())
    span, cn = ("1h", "2061") if is_hour else ("10m", "2051")
    stamp = pl.col("data_time").dt.strftime("%Y%m%d%H%M%S")
    packet = head.with_columns(
        *segments,
        protocol=pl.col("mn").replace_strict(protocols, return_dtype=pl.String),
        st=pl.col("mn").replace_strict(systems, return_dtype=pl.String),
        cn=pl.lit(cn),
        arrived_at=pl.col("data_time").dt.offset_by(span).dt.offset_by("95s"),
    )
    flag = pl.col("protocol").replace_strict(FLAGS, return_dtype=pl.Int64).cast(pl.String)
    body = pl.concat_str([pl.col(s.name) for s in segments], separator=";")
    return packet.select(
        "arrived_at", "mn", "cn", "protocol",
        data=pl.lit("QN=") + pl.col("arrived_at").dt.strftime("%Y%m%d%H%M%S")
        + (pl.col("mn").hash(7) % 900 + 100).cast(pl.String)
        + pl.lit(";ST=") + pl.col("st") + pl.lit(f";CN={cn};PW=123456;MN=") + pl.col("mn")
        + pl.lit(";Flag=") + flag + pl.lit(";CP=&&DataTime=") + stamp + pl.lit(";")
        + body + pl.lit("&&"),
    )  # fmt: skip


def _segment(code: str, columns: list[str]) -> pl.Expr:
    """``code-Cou=…,code-Min=…,code-Avg=…,code-Max=…,code-Flag=N`` of the columns that there are."""
    names = {"cou": "Cou", "min": "Min", "avg": "Avg", "max": "Max", "zs_avg": "ZsAvg"}
    parts = [
        pl.when(pl.col(column).is_not_null())
        .then(pl.lit(f"{code}-{label}=") + pl.col(column).cast(pl.String) + pl.lit(","))
        .otherwise(pl.lit(""))
        for column, label in names.items()
        if column in columns
    ]
    return pl.concat_str([*parts, pl.lit(f"{code}-Flag="), pl.col("flag_raw")])
