"""Delimited intake: rows per second and memory against the size of the file, polars beside it."""

from pathlib import Path
from time import monotonic
from typing import Any

import polars as pl

from api.bench.measure import run_program

# Both large enough that the search for equal keys has reached its fixed share of memory.
ROWS = (1_600_000, 4_800_000)
DATASET = "checkpoint_pass"
HEADINGS = ("卡口编号", "过车时间", "号牌号码", "号牌种类", "方向类型", "车辆速度", "图片路径")


def write_passes(path: Path, rows: int) -> int:
    """A file of made-up camera passes in GB18030; its size in bytes.

    Every row has another moment, so no key repeats.
    """
    number = pl.int_range(rows, eager=True)
    moment = pl.Series(["2026-10-01"]).str.to_datetime()[0]
    frame = pl.DataFrame({"n": number}).select(
        pl.format("320500{}", (pl.col("n") % 900 + 100)).alias(HEADINGS[0]),
        (pl.lit(moment) + pl.duration(seconds=pl.col("n") * 3)).dt.strftime("%Y-%m-%d %H:%M:%S")
        .alias(HEADINGS[1]),
        pl.format("苏E{}", pl.col("n") * 7919 % 90_000 + 10_000).alias(HEADINGS[2]),
        pl.lit("01").alias(HEADINGS[3]),
        pl.lit("由北向南").alias(HEADINGS[4]),
        (pl.col("n") % 60 + 20).cast(pl.String).alias(HEADINGS[5]),
        pl.format("/图像/2026/10/{}.jpg", pl.col("n")).alias(HEADINGS[6]),
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(frame.write_csv().encode("gb18030"))
    return path.stat().st_size


def bench_delimited(folder: Path) -> dict[str, Any]:
    """Intake of two files, the second three times the first, each in a fresh workspace.

    The peer is ``polars.read_csv`` of the same bytes, which holds the whole file in memory and
    neither types, checks, quarantines nor keeps the original cells.
    """
    found = []
    for rows in ROWS:
        workspace = folder / f"delimited-{rows}"
        path = workspace / "inbox" / DATASET / "passes.csv"
        size = write_passes(path, rows)
        ours = run_program(["ingest", "--workspace", str(workspace), "--quiet", "--json"])
        started = monotonic()
        peer = pl.read_csv(path, encoding="gb18030", infer_schema=False)
        peer_s = monotonic() - started
        lake = workspace / "lake" / DATASET
        kept = pl.scan_parquet(str(lake / "*" / "rows.parquet")).select(pl.len()).collect().item()
        found.append(
            {
                "rows": rows,
                "file_mb": round(size / 1e6, 1),
                "exit_code": ours.exit_code,
                "seconds": round(ours.seconds, 2),
                "rows_per_s": round(rows / ours.seconds),
                "peak_mib": round(ours.peak_mib),
                "accepted": kept,
                "polars_seconds": round(peer_s, 2),
                "polars_rows": peer.height,
                "ratio_to_polars": round(ours.seconds / peer_s, 1),
            }
        )
    return {
        "files": found,
        "memory_growth_mib": found[1]["peak_mib"] - found[0]["peak_mib"],
        "file_growth_mb": round(found[1]["file_mb"] - found[0]["file_mb"], 1),
        "reference": "DEPENDENCIES.md: polars reads 55 MB of GB18030 in 0.33 s",
    }
