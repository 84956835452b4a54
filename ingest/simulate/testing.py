"""Papers of sampling jobs: report, samples, photos, instrument log, and cars seen on the way."""

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.geography import distance_km
from ingest.simulate.jobs import jobs_of
from ingest.simulate.journeys import cameras
from ingest.simulate.monitoring import Month
from ingest.simulate.scene import Scene
from ingest.simulate.size import Period
from ingest.simulate.staff import certificates, cma_number
from ingest.simulate.stations import INSTRUMENTS
from ingest.simulate.streams import Floats, stream
from ingest.simulate.world import World
from records.contract import read_table

NEAR_KM = 9.7
CAMERAS_PER_JOB = 3
METHODS = {
    "w01018": ("HJ 828-2017", 4.0), "w21003": ("HJ 535-2009", 0.025),
    "w21011": ("GB 11893-1989", 0.01), "a21026": ("HJ 57-2017", 3.0),
    "a21002": ("HJ 693-2014", 3.0), "a34013": ("HJ 836-2017", 1.0),
}  # fmt: skip


def reports(scene: Scene, delivery: Delivery, period: Period, months: dict[str, Month]) -> None:
    """Add all that laboratories deliver about a period; ``months`` holds what monitors showed."""
    jobs = jobs_of(scene, period)
    if jobs.is_empty():
        return
    jobs = _numbered(scene.world, jobs)
    _passes(scene.world, delivery, jobs.unique("job", maintain_order=True), period)
    _reports(scene.world, delivery, jobs, period)
    _samples(scene, delivery, jobs, period, months)
    _photos(scene.world, delivery, jobs, period)
    _instrument_log(scene.world, delivery, jobs)


def _numbered(world: World, jobs: pl.DataFrame) -> pl.DataFrame:
    """Jobs with number, names of samplers and one row per report (``report_no``)."""
    jobs = jobs.with_row_index("job")
    names = world.people.frame()["person_name"]
    crew = jobs.select("job", person="persons").explode("person")
    crew = crew.with_columns(
        sampler=names.gather(crew["person"]), certificate=certificates(pl.col("person"))
    )
    lists = crew.group_by("job", maintain_order=True).agg(
        samplers=pl.col("sampler").str.join("、"),
        sampler_cert_nos=pl.col("certificate").str.join("、"),
        lead_name=pl.col("sampler").first(),
    )
    jobs = jobs.join(lists, on="job", maintain_order="left")
    shift = pl.duration(days=pl.col("typed_shift_d"))
    jobs = jobs.with_columns(
        paper_start=pl.col("started") + shift, paper_end=pl.col("ended") + shift,
        copy=pl.int_ranges(pl.col("repeats")),
    ).explode("copy")  # fmt: skip
    serial = pl.int_range(pl.len()).over("body") + 1
    month = pl.col("started").dt.strftime("%y%m")
    return jobs.with_columns(
        report_no=pl.lit("(2026)") + pl.lit("环检(综)字第") + pl.col("body").cast(pl.String)
        + month + serial.cast(pl.String).str.zfill(4) + pl.lit("号"),
        status=pl.when(pl.col("repeats") == 1).then("status")
        .when(pl.col("copy") + 1 < pl.col("repeats")).then(pl.lit("作废"))
        .otherwise(pl.lit("更正")),
    )  # fmt: skip


def _reports(world: World, delivery: Delivery, jobs: pl.DataFrame, period: Period) -> None:
    rng = stream(world.seed, "reports", period.label)
    n = jobs.height
    people = world.people.frame()["person_name"]
    legal = world.firms()["contact_person"].gather(jobs["body"])
    frame = jobs.with_columns(firm="body").with_columns(cma_no=cma_number())
    delivery.add("test_report", frame.select(
        "tag", "report_no", "kind", "status", "cma_no",
        cma_valid_to=pl.date(2028, 12, 31),
        sampled_on=pl.col("paper_start").dt.date(),
        load_pct=pl.Series(np.round(rng.uniform(72, 97, n), 0)),
        issued_on=pl.col("ended").dt.date()
        + pl.duration(days=pl.lit(pl.Series(rng.integers(6, 14, n)))),
        signer=people.gather(legal),
        author=people.gather(world.firms()["legal_person"].gather(jobs["body"])),
        reviewer=people.gather(legal),
        fee_yuan=pl.Series(np.round(rng.uniform(900, 5_200, n) / 50) * 50),
        **{"org:tester": pl.col("body"), "org:client": pl.col("site"),
           "org:site": pl.col("site")},
    ))  # fmt: skip


def _samples(
    scene: Scene, delivery: Delivery, jobs: pl.DataFrame, period: Period, months: dict[str, Month]
) -> None:
    """Three items per job, one after the other, and a blank of the first."""
    rng = stream(scene.world.seed, "samples", period.label)
    names = {r["code"]: r["name_zh"] for r in read_table("hj212_factors.csv")}
    items = pl.DataFrame([
        {"medium": medium, "turn": turn, "factor_code": i.code, "item_name": names[i.code],
         "low": i.low, "high": i.high, "limit_value": i.limit,
         "method": METHODS[i.code][0], "lod": METHODS[i.code][1]}
        for medium, kinds in INSTRUMENTS.items()
        for turn, i in enumerate([k for k in kinds if k.kind == "concentration"])
    ])  # fmt: skip
    rows = jobs.with_row_index("report").join(items, on="medium", maintain_order="left_right")
    n = rows.height
    slice_s = (pl.col("ended") - pl.col("started")).dt.total_seconds() // 3
    rows = rows.with_columns(
        value=pl.Series(_results(rows, months, period, rng)),
        sampling_start_at=pl.col("paper_start") + pl.duration(seconds=pl.col("turn") * slice_s),
        sampling_end_at=pl.col("paper_start")
        + pl.duration(seconds=(pl.col("turn") + 1) * slice_s - 60),
        sample_no=pl.lit("S") + pl.col("body").cast(pl.String)
        + pl.col("started").dt.strftime("%m%d") + pl.col("report").cast(pl.String)
        + "-" + (pl.col("turn") + 1).cast(pl.String),
        received_at=pl.col("ended").dt.truncate("1d")
        + pl.duration(minutes=pl.lit(pl.Series(rng.integers(1_050, 1_150, n)))),
        qc_kind=pl.lit("样品"),
    )  # fmt: skip
    blanks = rows.filter(pl.col("turn") == 0).with_columns(
        qc_kind=pl.lit("现场空白"), sample_no=pl.col("sample_no") + "K", value=pl.lit(0.0)
    )
    rows = pl.concat([rows, blanks])
    is_water = pl.col("medium") == "水"
    shown = pl.col("value").round(3).cast(pl.String).str.replace(r"\.0$", "")
    nothing = pl.col("lod").cast(pl.String).str.replace(r"\.0$", "") + "L"
    delivery.add("test_sample", rows.select(
        "tag", "report_no", "sample_no", "item_name", "qc_kind", "factor_code", "outlet_code",
        "samplers", "sampler_cert_nos", "plate", "sampling_start_at", "sampling_end_at",
        "received_at", "lon", "lat", "method", "lod", "limit_value",
        crs=pl.lit("WGS84"),
        point_name=pl.col("point_name").fill_null(
            pl.when(is_water).then(pl.lit("废水总排口")).otherwise(pl.lit("废气排放口1#"))),
        sampled_on=pl.col("paper_start").dt.date(),
        sampler_instrument_no="instrument_no",
        state=pl.col("sample_state").fill_null("完好"),
        analysed_on=pl.col("received_at").dt.date().dt.offset_by("1d"),
        analysis_start_at=pl.col("received_at").dt.offset_by("15h"),
        analysis_end_at=pl.col("received_at").dt.offset_by("18h"),
        result=pl.when(pl.col("value") < pl.col("lod")).then(nothing).otherwise(shown),
        result_unit=pl.when(is_water).then(pl.lit("mg/L")).otherwise(pl.lit("mg/m3")),
        verdict=pl.when(pl.col("value") <= pl.col("limit_value")).then(pl.lit("达标"))
        .otherwise(pl.lit("超标")),
        **{"org:tester": pl.col("body")},
    ))  # fmt: skip


def _results(
    rows: pl.DataFrame, months: dict[str, Month], period: Period, rng: np.random.Generator
) -> Floats:
    """What the laboratory finds: the planted result, else the monitor's value, else a usual one."""
    usual = rng.uniform(rows["low"].to_numpy(), rows["high"].to_numpy())
    first = np.datetime64(period.first, "h")
    hour = (rows["started"].to_numpy().astype("datetime64[h]") - first).astype(np.int64)
    noise = rng.normal(1, 0.04, rows.height)
    for medium, month in months.items():
        place = {int(firm): i for i, firm in enumerate(month.points["firm"])}
        at = rows["site"].replace_strict(place, default=-1, return_dtype=pl.Int64).to_numpy()
        for code, value in month.real.items():
            hit = np.flatnonzero(
                (at >= 0) & (rows["medium"] == medium).to_numpy()
                & (rows["factor_code"] == code).to_numpy()
            )  # fmt: skip
            usual[hit] = value[at[hit], hour[hit]] * noise[hit]
    planted = (rows["factor"] == rows["factor_code"]).fill_null(value=False).to_numpy()
    given = rows["result"].fill_null(0).to_numpy()
    return np.where(planted, given, usual)


def _photos(world: World, delivery: Delivery, jobs: pl.DataFrame, period: Period) -> None:
    """Two photos per job, at its beginning and before its end."""
    rng = stream(world.seed, "photos", period.label)
    blocks = []
    moments = (pl.col("started").dt.offset_by("4m"), pl.col("ended").dt.offset_by("-5m"))
    for number, moment in enumerate(moments, start=1):
        n = jobs.height
        digest = [rng.bytes(32).hex() for _ in range(n)]
        wobble = rng.normal(0, 0.0005, (2, n))
        blocks.append(jobs.select(
            "tag", "report_no",
            photo_id=pl.lit("ZP") + pl.col("body").cast(pl.String)
            + pl.col("started").dt.strftime("%y%m%d%H%M") + pl.col("job").cast(pl.String)
            + pl.col("copy").cast(pl.String) + pl.lit(str(number)),
            file_name=pl.lit(f"IMG_{number}_") + pl.col("job").cast(pl.String) + ".jpg",
            file_sha256=pl.Series(digest),
            phash=pl.coalesce(
                pl.col("photo_hash") + f"{number:02x}", pl.Series(digest).str.slice(8, 16)
            ),
            exif_at=moment + pl.duration(minutes=pl.col("photo_shift_min")),
            exif_lon=(pl.coalesce("photo_lon", "lon") + pl.Series(wobble[0])).round(6),
            exif_lat=(pl.coalesce("photo_lat", "lat") + pl.Series(wobble[1])).round(6),
            crs=pl.lit("WGS84"),
            device_model="camera",
            uploaded_at=pl.col("ended").dt.offset_by("5h"),
            subject=pl.lit("采样照片"),
            **{"org:tester": pl.col("body")},
        ))  # fmt: skip
    delivery.add("test_photo", pl.concat(blocks))


def _instrument_log(world: World, delivery: Delivery, jobs: pl.DataFrame) -> None:
    used = jobs.filter(pl.col("instrument_no").is_not_null()).unique("job", maintain_order=True)
    delivery.add("instrument_log", used.select(
        "tag", "instrument_no",
        started_at=pl.col("started"),
        ended_at=pl.col("ended"),
        item_name=pl.lit("现场采样"),
        user_name="lead_name",
        place=world.firms()["name"].gather(used["site"]),
        **{"org:tester": pl.col("body")},
    ))  # fmt: skip


def _passes(world: World, delivery: Delivery, jobs: pl.DataFrame, period: Period) -> None:
    """The car before and after a job at the cameras around the site."""
    cars = jobs.filter(pl.col("is_seen") & pl.col("plate").is_not_null())
    table = cameras(world)
    far = distance_km(
        cars["lon"].to_numpy()[:, None], cars["lat"].to_numpy()[:, None],
        table["lon"].to_numpy()[None], table["lat"].to_numpy()[None],
    )  # fmt: skip
    order = np.argsort(far, axis=1, kind="stable")[:, :CAMERAS_PER_JOB]
    close = np.take_along_axis(far, order, axis=1)
    row, rank = np.nonzero(close < NEAR_KM)
    rng = stream(world.seed, "job passes", period.label)
    away = close[row, rank] * 1.3 / 42 * 3600
    base = cars[row.tolist()].select("tag", "plate", "started", "ended")
    for anchor, sign, way in (("started", -1, "下行"), ("ended", 1, "上行")):
        seconds = sign * (away + rng.integers(120, 420, len(row))).astype(np.int64)
        delivery.add("checkpoint_pass", base.select(
            "tag", "plate",
            checkpoint_no=table["checkpoint_no"].gather(order[row, rank]),
            passed_at=pl.col(anchor) + pl.duration(seconds=pl.lit(pl.Series(seconds))),
            plate_kind=pl.lit("02"),
            lane=pl.lit("1"),
            plate_color=pl.lit("蓝"),
            direction=pl.lit(way),
            speed_kmh=pl.Series(np.round(rng.normal(46, 7, len(row)), 0)),
        ))  # fmt: skip
