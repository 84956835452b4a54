"""Operation of monitors by third parties: contracts, visits in the ledger, doors of the cabins."""

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.scene import Scene
from ingest.simulate.size import Period
from ingest.simulate.staff import technicians_of
from ingest.simulate.stations import stations
from ingest.simulate.streams import stream
from ingest.simulate.transfers import working_days


def visits(scene: Scene, period: Period) -> pl.DataFrame:
    """Weekly visits: station, mn, operator, person, plate, cert_no, arrived_at, left_at.

    A technician's stations follow each other through the week, so that nobody is in two places.
    """
    points = stations(scene).select("station", "mn", "operator", "firm")
    crew = technicians_of(scene)
    per_firm = crew.group_by("operator").len("staff")
    points = points.join(per_firm, on="operator", maintain_order="left").with_columns(
        turn=pl.int_range(pl.len()).over("operator")
    )
    points = points.with_columns(
        rank=pl.col("turn") % pl.col("staff"), slot=(pl.col("turn") // pl.col("staff"))
    ).join(crew, on=["operator", "rank"], maintain_order="left")
    days = working_days(period)
    weeks: dict[tuple[int, int], list[int]] = {}
    for number, day in enumerate(days):
        weeks.setdefault(day.isocalendar()[:2], []).append(number)
    blocks = []
    for week in weeks.values():
        chosen = pl.col("slot") // 2 % len(week)
        blocks.append(points.with_columns(
            day=chosen.replace_strict(dict(enumerate(week)), return_dtype=pl.Int64)
        ))  # fmt: skip
    frame = pl.concat(blocks).sort("station", "day")
    rng = stream(scene.world.seed, "visits", period.label)
    minute = frame["slot"].to_numpy() % 2 * 240 + 545 + rng.integers(0, 45, frame.height)
    start = np.array([np.datetime64(d, "m") for d in days])[frame["day"].to_numpy()]
    arrived = start + minute.astype("timedelta64[m]")
    stay = rng.integers(50, 110, frame.height).astype("timedelta64[m]")
    return frame.with_columns(
        arrived_at=pl.Series(arrived.astype("datetime64[us]")),
        left_at=pl.Series((arrived + stay).astype("datetime64[us]")),
    ).drop("slot", "turn", "staff", "rank", "day")


def ledgers(scene: Scene, delivery: Delivery, period: Period) -> None:
    """Add om_log and door_log of a period."""
    calls = visits(scene, period)
    rng = stream(scene.world.seed, "om_log", period.label)
    people = scene.world.people.frame()["person_name"]
    n = calls.height
    kind = pl.Series(["巡检", "巡检、校准", "巡检、更换试剂", "巡检、标样核查"]).gather(
        rng.integers(0, 4, n)
    )
    delivery.add("om_log", calls.select(
        "mn", "arrived_at", "left_at", "plate",
        visited_on=pl.col("arrived_at").dt.date(),
        work_kind=kind,
        technician_cert_no="cert_no",
        abnormal=pl.lit("无"),
        **{"org:operator": pl.col("operator"), "person:technician": pl.col("person")},
    ))  # fmt: skip
    for way, column, minutes in (("进", "arrived_at", 3), ("出", "left_at", -2)):
        delivery.add("door_log", calls.select(
            "mn",
            event_at=pl.col(column).dt.offset_by(f"{minutes}m"),
            direction=pl.lit(way),
            card_no=pl.lit("K") + (pl.col("person") + 400_000).cast(pl.String),
            person_name=people.gather(calls["person"]),
            open_kind=pl.lit("刷卡"),
            **{"org:operator": pl.col("operator"), "person:visitor": pl.col("person")},
        ))  # fmt: skip


def contracts(scene: Scene, delivery: Delivery) -> None:
    """Add om_contract: one contract per operator and client, one row per point."""
    points = stations(scene)
    start = pl.date(2026, 1, 1)
    delivery.add("om_contract", points.select(
        "mn",
        contract_no=pl.lit("YW2026-") + pl.col("operator").cast(pl.String) + "-"
        + pl.col("firm").cast(pl.String).str.zfill(5),
        scope=pl.lit("自动监控设施日常运行维护"),
        amount_yuan=pl.lit(68_000.0) + pl.col("station") % 9 * 2_000,
        valid_from=start,
        valid_to=start.dt.offset_by("1y").dt.offset_by("-1d"),
        remote_inspection_allowed=pl.lit(False),
        **{"org:client": pl.col("firm"), "org:operator": pl.col("operator")},
    ))  # fmt: skip
