"""What automatic monitors deliver in a month: hours, ten-minute values, marks; some as packets."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery, row_keys
from ingest.simulate.operation import visits
from ingest.simulate.scene import Scene
from ingest.simulate.series import (
    Mask,
    Texts,
    flow,
    levels,
    loads,
    minutes,
    running_hours,
)
from ingest.simulate.size import Period
from ingest.simulate.stations import INSTRUMENTS, REFERENCE_OXYGEN_PCT, Instrument, stations
from ingest.simulate.streams import Floats, Ints, stream
from ingest.simulate.tampering import Change, changes
from ingest.simulate.truth import Truth
from records.contract import read_table

STOPPED, NORMAL = "F", "N"
# Flag, class and type of mark, least hours: short stops go unmarked.
MARKED = (("D", "设备标记", "故障", 1), ("F", "工况标记", "停产", 24))


@dataclass(slots=True)
class Month:
    """A month of the stations of one medium: what happened to plants, what each factor showed."""

    points: pl.DataFrame
    running: Mask
    load: Floats
    flags: Texts
    missing: Mask
    tags: list[str | None]
    values: dict[str, Floats] = field(default_factory=dict)
    real: dict[str, Floats] = field(default_factory=dict)
    fine: dict[str, Floats] = field(default_factory=dict)
    marked: dict[str, Ints] = field(default_factory=dict)

    @property
    def fine_rows(self) -> Ints:
        """Rows of stations that also give ten-minute values."""
        return np.flatnonzero(self.points["feed"].is_in(["minute", "packet_minute"]).to_numpy())


def plant_hours(scene: Scene, period: Period) -> tuple[Ints, Mask, Floats]:
    """Monitored firms, their running state and load in each hour, planted standstills included."""
    seed, owner = scene.world.seed, stations(scene)["firm"]
    firms = np.unique(owner.to_numpy())
    running = running_hours(firms, seed, period)
    for one in changes(scene, period.first, running.shape[1]):
        if one.action == "idle":
            running[firms == owner[one.station], one.first : one.until] = False
    return firms, running, loads(firms, seed, period, running)


def observe(scene: Scene, period: Period) -> dict[str, Month]:
    """The month of both media, tampering applied."""
    out = {}
    firms, running_by_firm, load_by_firm = plant_hours(scene, period)
    for medium in INSTRUMENTS:
        points = stations(scene).filter(pl.col("medium") == medium)
        if points.is_empty():
            continue
        rng = stream(scene.world.seed, "monitoring", medium, period.label)
        own = np.searchsorted(firms, points["firm"].to_numpy())
        running, load = running_by_firm[own], load_by_firm[own]
        month = Month(points, running, load, *_flags(rng, running), [None])
        _visited(scene, period, month)
        _measure(rng, month, medium)
        place = {int(s): i for i, s in enumerate(points["station"])}
        for one in changes(scene, period.first, running.shape[1]):
            if one.station in place:
                _apply(rng, month, medium, place[one.station], one)
        out[medium] = month
    return out


def _flags(rng: np.random.Generator, running: Mask) -> tuple[Texts, Mask]:
    """Stops, weekly calibration at two in the morning, rare faults and lost hours."""
    n, hours = running.shape
    flags = np.where(running, NORMAL, STOPPED).astype("<U1")
    clock, day = np.arange(hours) % 24, np.arange(hours) // 24
    weekly = (clock[None] == 2) & ((day[None] + np.arange(n)[:, None]) % 7 == 0)
    flags[weekly & running] = "C"
    missing = rng.random((n, hours)) < 0.004
    for row in np.flatnonzero(rng.random(n) < 0.35):
        start = int(rng.integers(24, hours - 24))
        flags[row, start : start + int(rng.integers(3, 8))] = "D"
    for row in np.flatnonzero(rng.random(n) < 0.4):
        start = int(rng.integers(24, hours - 24))
        missing[row, start : start + int(rng.integers(2, 6))] = True
    return flags, missing


def _visited(scene: Scene, period: Period, month: Month) -> None:
    calls = visits(scene, period).join(
        month.points.select("station").with_row_index("row"), on="station"
    )
    start = np.datetime64(period.first, "h")
    at = (calls["arrived_at"].to_numpy().astype("datetime64[h]") - start).astype(np.int64)
    month.flags[calls["row"].to_numpy(), at] = "M"


def _measure(rng: np.random.Generator, month: Month, medium: str) -> None:
    cycle = month.points["cycle_h"].to_numpy()
    rows = month.fine_rows
    for kind in INSTRUMENTS[medium]:
        if kind.kind == "flow":
            value = flow(rng, kind, month.load)
        else:
            value = levels(rng, kind, month.load, cycle)
        is_held = kind.kind == "concentration" and medium == "水"
        month.values[kind.code] = value
        month.real[kind.code] = value.copy()
        month.fine[kind.code] = minutes(rng, kind, value[rows], is_held)
        month.marked[kind.code] = np.zeros(value.shape, dtype=np.int64)


def _apply(rng: np.random.Generator, month: Month, medium: str, row: int, one: Change) -> None:
    month.tags.append(one.tag)
    span = slice(one.first, one.until)
    if one.action == "mark":
        month.flags[row, span] = {"校准": "C", "维护": "M", "故障": "D"}.get(
            one.mark or "", STOPPED
        )
    else:
        still = ~month.running[row, span] & (one.action != "idle")
        month.flags[row, span] = np.where(still, STOPPED, NORMAL)
        month.missing[row, span] = False
    fine_row = np.flatnonzero(month.fine_rows == row)
    for kind in INSTRUMENTS[medium]:
        wanted = one.factor or ("concentration" if one.action != "mark" else "")
        stops = kind.kind == "flow" and one.action in ("idle", "pause")
        if not (stops or wanted in ("", kind.code, kind.kind)):
            continue
        value = _changed(rng, kind, month.values[kind.code][row, span], one)
        month.values[kind.code][row, span] = value
        if one.is_real:
            month.real[kind.code][row, span] = value
        month.marked[kind.code][row, span] = len(month.tags) - 1
        if len(fine_row):
            fine = month.fine[kind.code]
            part = fine[fine_row[0], one.first * 6 : one.until * 6]
            fine[fine_row[0], one.first * 6 : one.until * 6] = _changed(rng, kind, part, one)


def _changed(rng: np.random.Generator, kind: Instrument, value: Floats, one: Change) -> Floats:
    if one.action == "mark":
        return value
    if kind.kind == "flow" and one.action in ("idle", "pause"):
        return np.zeros_like(value)
    n = len(value)
    if one.action == "narrow":
        share = one.value or 0.004
        value = value[0] + rng.uniform(-share, share, n) * kind.range_high
    elif one.action == "replay":
        wave = stream(round(one.value or 0), "fragment", kind.code).normal(0, kind.swing, n)
        value = (kind.low + kind.high) / 2 * (1 + wave)
    elif one.action == "coarse":
        step = one.value or 1.0
        value = np.maximum(np.round(value / step), 1) * step
    elif one.action == "floor":
        value = kind.lod * rng.choice([0.4, 0.6, 0.8, 1.0], n)
    else:
        value = np.full(n, value[0] if one.value is None else one.value)
    return np.asarray(np.round(value, kind.decimals + (one.action == "floor")))


def deliver(scene: Scene, delivery: Delivery, period: Period) -> dict[str, Month]:
    """Add obs_hour and obs_minute of stations that report in tables; the months, for packets."""
    months = observe(scene, period)
    names = {r["code"]: r["name_zh"] for r in read_table("hj212_factors.csv")}
    for medium, month in months.items():
        for kind in INSTRUMENTS[medium]:
            hourly = hour_rows(month, kind, period).with_columns(
                factor_name=pl.lit(names[kind.code])
            )
            plain = hourly.filter(pl.col("feed").is_in(["hour", "minute"]))
            delivery.add("obs_hour", plain.drop("feed", "unit_name", "point_name", "factor_name"))
            web = hourly.filter(pl.col("feed") == "web")
            claim(delivery.truth, "obs_hour", web)
            delivery.add("obs_hour", web.drop("feed", "mn", "factor_code", "tag"), "web")
            fine = minute_rows(month, kind, period)
            delivery.add("obs_minute", fine.filter(pl.col("feed") == "minute").drop("feed"))
    _marks(scene, delivery, period, months)
    return months


def claim(truth: Truth, dataset: str, rows: pl.DataFrame) -> None:
    """Let cases own rows whose key does not stand in the file as it stands in the lake."""
    tagged = rows.filter(pl.col("tag").is_not_null())
    keys = row_keys(tagged, ["mn", "factor_code", "data_time"])
    truth.claim(dataset, tagged["tag"], keys)


def _amount(kind: Instrument, month: Month, value: Floats, rows: Ints | slice) -> Floats:
    """Mass of an hour in kg, or volume in m3 for a flow; NaN for oxygen."""
    if kind.kind == "oxygen":
        return np.full_like(value, np.nan)
    is_water = "w00000" in month.values
    if kind.kind == "flow":
        return np.round(value * 3.6 if is_water else value * 3_600, 2)
    moved = month.values["w00000" if is_water else "a00000"][rows]
    factor = 3.6 / 1_000 if is_water else 3_600 / 1_000_000
    return np.asarray(np.round(value * moved * factor, 4))


def hour_rows(month: Month, kind: Instrument, period: Period) -> pl.DataFrame:
    """Hourly rows of one factor: contract columns of obs_hour, with ``feed`` and ``tag``."""
    value = month.values[kind.code]
    n, hours = value.shape
    is_analysed = kind.kind == "concentration" and "w00000" in month.values
    quiet = (month.marked[kind.code] > 0) | is_analysed
    spread = np.where(quiet, 0.0, value * kind.swing * 0.5)
    rng = stream(n * hours, kind.code, period.label)
    low = np.round(
        np.maximum(value - spread * rng.uniform(0.6, 1.4, value.shape), 0), kind.decimals
    )
    high = np.round(value + spread * rng.uniform(0.6, 1.4, value.shape), kind.decimals)
    frame = _long(month, period, kind, value, month.flags, 1).with_columns(
        min=pl.Series(low.ravel()), max=pl.Series(high.ravel()),
        cou=pl.Series(_amount(kind, month, value, slice(None)).ravel()).fill_nan(None),
        limit_shown=pl.lit(kind.limit if kind.limit else None, pl.Float64),
    )  # fmt: skip
    if kind.kind == "concentration" and "a19001" in month.values:
        oxygen = month.values["a19001"]
        fixed = value * (21 - REFERENCE_OXYGEN_PCT) / np.maximum(21 - oxygen, 1)
        frame = frame.with_columns(zs_avg=pl.Series(np.round(fixed, kind.decimals).ravel()))
    lost = pl.Series(month.missing.ravel())
    return frame.filter(~lost).with_columns(
        is_over=pl.when(pl.col("limit_shown").is_not_null()).then(
            pl.col("avg") > pl.col("limit_shown")
        )
    )


def minute_rows(month: Month, kind: Instrument, period: Period) -> pl.DataFrame:
    """Ten-minute rows of one factor, as :func:`hour_rows`."""
    rows = month.fine_rows
    flags = month.flags[rows].repeat(6, axis=1)
    frame = _long(month, period, kind, month.fine[kind.code], flags, 6, rows)
    lost = pl.Series(month.missing[rows].repeat(6, axis=1).ravel())
    return frame.filter(~lost).drop("unit_name", "point_name")


def _long(
    month: Month, period: Period, kind: Instrument, value: Floats, flags: Texts, per_hour: int,
    rows: Ints | None = None,
) -> pl.DataFrame:  # fmt: skip
    points = month.points if rows is None else month.points[rows.tolist()]
    n, columns = value.shape
    start = np.datetime64(period.first, "m")
    moments = start + (np.arange(columns) * (60 // per_hour)).astype("timedelta64[m]")
    marked = month.marked[kind.code]
    marked = marked if rows is None else marked[rows].repeat(per_hour, axis=1)
    who = np.arange(n).repeat(columns)
    return pl.DataFrame({
        "mn": points["mn"].gather(who),
        "factor_code": [kind.code] * (n * columns),
        "data_time": np.tile(moments.astype("datetime64[us]"), n),
        "unit_name": points["unit_name"].gather(who),
        "point_name": points["point_name"].gather(who),
        "feed": points["feed"].gather(who),
        "avg": value.ravel(),
        "flag_raw": pl.Series(flags.ravel()),
        "tag": pl.Series(month.tags, dtype=pl.String).gather(marked.ravel()),
    })  # fmt: skip


def _marks(scene: Scene, delivery: Delivery, period: Period, months: dict[str, Month]) -> None:
    """Marks of faults and long stops, and those that plants asked for."""
    first = np.datetime64(period.first, "h")
    rows = []
    for month in months.values():
        for row in range(month.points.height):
            for flag, kind, word, least in MARKED:
                hit = np.concatenate([[0], (month.flags[row] == flag).astype(np.int8), [0]])
                edges = np.flatnonzero(np.diff(hit))
                for a, b in zip(edges[::2], edges[1::2], strict=True):
                    if b - a >= least:
                        mn = str(month.points["mn"][row])
                        rows.append((mn, first + a, first + b, word, kind))
    frame = pl.DataFrame({
        "mn": [r[0] for r in rows],
        "started_at": np.array([r[1] for r in rows], dtype="datetime64[us]"),
        "ended_at": np.array([r[2] for r in rows], dtype="datetime64[us]"),
        "mark_type": [r[3] for r in rows],
        "mark_class": [r[4] for r in rows],
    })  # fmt: skip
    names = stations(scene)["mn"]
    times = {"started_at": pl.Datetime("us"), "ended_at": pl.Datetime("us")}
    planted = pl.DataFrame([
        {"mn": names[int(str(r["station"]))], "started_at": r["started"], "ended_at": r["ended"],
         "mark_type": r["mark"], "mark_class": "设备标记", "tag": r["tag"]}
        for r in scene.tampered if r["mark"]
    ], schema_overrides=times)  # fmt: skip
    every = pl.concat([frame, planted], how="diagonal") if planted.height else frame
    delivery.add("obs_mark", every.with_columns(
        mark_source=pl.lit("人工标记"),
        marked_by=pl.lit("值班员"),
        marked_at=pl.col("started_at").dt.offset_by("3h"),
        reason=pl.lit("现场") + pl.col("mark_type"),
        status=pl.lit("有效"),
    ).unique(["mn", "started_at", "mark_type"], keep="last", maintain_order=True))  # fmt: skip
