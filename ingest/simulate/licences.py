"""Operating licences of the plants and permits of carriers, trucks, trailers and crews."""

from datetime import date

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.shipments import licence_numbers
from ingest.simulate.streams import stream
from ingest.simulate.trades import TREATMENTS, WASTE_NAMES
from ingest.simulate.transfers import Fleet
from ingest.simulate.world import World

HAZARDOUS = "道路危险货物运输(3类,6类,8类,9类,危险废物)"
ORDINARY = "道路普通货物运输"
CREW_CERTIFICATES = {"driver": "道路危险货物驾驶", "escort": "押运"}
USUAL_CERTIFICATE_END = date(2028, 2, 28)


def operating_licences(
    world: World, delivery: Delivery, monthly_t: pl.DataFrame, own: pl.DataFrame
) -> None:
    """Licences sized to what each plant takes in; then the registers that plants held back.

    ``monthly_t`` has receiver, category, tonnes of a usual month; plants in ``own`` (column
    ``firm``) bring licences of their own and are left out.
    """
    rng = stream(world.seed, "licences")
    plants = world.of_role("receiver").filter(~pl.col("firm").is_in(own["firm"].to_list()))
    plants = plants.join(licence_numbers(world), on="firm", maintain_order="left")
    n = plants.height
    start = np.datetime64("2023-02-01") + rng.integers(0, 1_000, n)
    plants = plants.with_columns(
        valid_from=pl.Series(start.astype("datetime64[ms]")).cast(pl.Date),
        use=pl.Series(rng.uniform(0.35, 0.75, n)),
    ).with_columns(valid_to=pl.col("valid_from").dt.offset_by("5y").dt.offset_by("-1d"))
    kinds = pl.DataFrame(
        [
            {"trade": i, "category": c, "method": t.method, "mode": t.mode}
            for i, t in enumerate(TREATMENTS)
            for c in t.categories
        ]
    )
    items = (
        plants.join(kinds, on="trade", maintain_order="left_right")
        .join(monthly_t, left_on=["firm", "category"], right_on=["receiver", "category"],
              how="left", maintain_order="left")
        .with_columns(
            licensed_t_a=pl.max_horizontal(
                (pl.col("tonnes").fill_null(0) * 12 / pl.col("use") / 500).ceil() * 500,
                pl.lit(2_000.0),
            )
        )
    )  # fmt: skip
    totals = items.group_by("firm").agg(
        total=pl.col("licensed_t_a").sum(), mode=pl.col("mode").first()
    )
    heads = plants.join(totals, on="firm", maintain_order="left")
    delivery.add("hw_licence", heads.select(
        "valid_from", "valid_to", "mode",
        licence_no="base_licence_no",
        kind=pl.lit("综合经营"),
        crs=pl.lit("WGS84"),
        total_t_a="total",
        issuer=pl.col("city") + "生态环境局",
        issued_on="valid_from",
        status=pl.lit("有效"),
        lon="lon",
        lat="lat",
        **{"org:holder": pl.col("firm")},
    ))  # fmt: skip
    # A third list 全部 for a category, a third leave the code empty (the same), a third name codes.
    delivery.add("hw_licence_item", items.select(
        "valid_from", "category", "method", "licensed_t_a",
        licence_no="base_licence_no",
        waste_code=pl.when(pl.col("firm") % 3 == 0).then(pl.lit("全部"))
        .when(pl.col("firm") % 3 == 1).then(pl.col("category").replace_strict(
            codes_by_category(), default=None, return_dtype=pl.String)),
        shared_group=pl.when(pl.col("firm") % 3 == 1).then(pl.col("category")),
    ))  # fmt: skip
    delivery.release()


def codes_by_category() -> dict[str, str]:
    """All codes of everyday transfers per category, as one cell."""
    out: dict[str, list[str]] = {}
    for code in sorted(WASTE_NAMES):
        out.setdefault(f"HW{code[-2:]}", []).append(code)
    return {category: "、".join(codes) for category, codes in out.items()}


def licence_rows(
    firm: int, licence_no: str, span: tuple[date, date], items: list[dict[str, object]], *,
    kind: str = "综合经营", mode: str = "处置", status: str = "有效",
    issuer: str = "江苏省生态环境厅", lon_lat: tuple[float, float] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """One licence and its items (category, waste_code, method, licensed_t_a), to be held."""
    total = sum(float(str(item["licensed_t_a"])) for item in items)
    head: dict[str, object] = {
        "licence_no": licence_no, "valid_from": span[0], "valid_to": span[1], "kind": kind,
        "mode": mode, "status": status, "issuer": issuer, "issued_on": span[0], "crs": "WGS84",
        "total_t_a": total, "org:holder": firm,
    }  # fmt: skip
    if lon_lat:
        head |= {"lon": lon_lat[0], "lat": lon_lat[1]}
    rows = [{"licence_no": licence_no, "valid_from": span[0], **item} for item in items]
    return pl.DataFrame([head]), pl.DataFrame(rows)


def transport_licences(world: World, delivery: Delivery, fleet: Fleet) -> None:
    """Road transport licences, vehicle permits, certificates of drivers and escorts."""
    carriers = world.of_role("carrier")
    number = pl.col("division_code") + (pl.col("firm") + 100_000).cast(pl.String)
    delivery.add("carrier_licence", carriers.select(
        licence_no=number,
        scope=pl.when(pl.col("scope").str.contains("普通货物")).then(pl.lit(ORDINARY))
        .otherwise(pl.lit(HAZARDOUS)),
        valid_from=pl.date(2023, 6, 1) + pl.duration(days=pl.col("firm") % 300),
        valid_to=pl.date(2027, 6, 1) + pl.duration(days=pl.col("firm") % 300),
        status=pl.lit("有效"),
        issuer=pl.col("city") + "交通运输局",
        **{"org:carrier": pl.col("firm")},
    ))  # fmt: skip
    _vehicle_permits(world, delivery, fleet)
    _vehicle_register(world, delivery)
    _certificates(delivery, fleet)


def _vehicle_permits(world: World, delivery: Delivery, fleet: Fleet) -> None:
    """Permits of trucks and, under the truck's number with a tail, of their trailers."""
    trucks = world.vehicles().filter("is_hazmat")
    if "is_permitted" in fleet.trucks.columns:
        bare = fleet.trucks.filter(pl.col("is_permitted").eq_missing(False))["vehicle"]
        trucks = trucks.filter(~pl.col("vehicle").is_in(bare.to_list()))
    scopes = dict(world.of_role("carrier").select("firm", "scope").iter_rows())
    ordinary = [firm for firm, scope in scopes.items() if "普通货物" in scope]
    is_ordinary = pl.col("owner").is_in(ordinary)
    waste = pl.lit("道路危险货物运输(危险废物)")
    scope = pl.when(is_ordinary).then(pl.lit(ORDINARY)).otherwise(waste)
    delivery.add("vehicle_permit", trucks.select(
        "vehicle_kind", "rated_load_t", "vin", "terminal_phone",
        permit_no="transport_no",
        plate_color=pl.lit("黄色"),
        scope=scope,
        curb_weight_t=(pl.col("rated_load_t") * 0.62 + 5.2).round(2),
        inspected_to="permit_to",
        valid_to="permit_to",
        status=pl.lit("营运"),
        **{"org:owner": pl.col("owner"), "vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
    trailers = trucks.filter(pl.col("trailer_plate").is_not_null())
    delivery.add("vehicle_permit", trailers.select(
        "rated_load_t",
        vehicle_kind=pl.lit("挂车"),
        permit_no=pl.col("transport_no") + "G",
        plate="trailer_plate",
        plate_color=pl.lit("黄色"),
        scope=scope,
        inspected_to=pl.max_horizontal("permit_to", pl.date(2027, 3, 31)),
        valid_to=pl.max_horizontal("permit_to", pl.date(2027, 3, 31)),
        status=pl.lit("营运"),
        **{"org:owner": pl.col("owner")},
    ))  # fmt: skip


def _vehicle_register(world: World, delivery: Delivery) -> None:
    trucks = world.vehicles()
    owner = world.firms()[trucks["owner"].to_list()]
    register = trucks.with_columns(owner_name=owner["name"], owner_id=owner["uscc"])
    delivery.add("vehicle", register.select(
        "vin", "rated_load_t", "registered_on", "owner_name", "owner_id", "vehicle_kind",
        plate_kind=pl.lit("01"),
        brand_model=pl.lit("重型特殊结构货车"),
        use_kind=pl.lit("R"),
        curb_weight_t=(pl.col("rated_load_t") * 0.62 + 5.2).round(2),
        inspected_to="permit_to",
        status=pl.lit("正常"),
        **{"vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
    delivery.add("vehicle", register.filter(pl.col("trailer_plate").is_not_null()).select(
        "rated_load_t", "registered_on", "owner_name", "owner_id",
        plate="trailer_plate",
        plate_kind=pl.lit("15"),
        vehicle_kind=pl.lit("重型挂车"),
        use_kind=pl.lit("R"),
        status=pl.lit("正常"),
    ))  # fmt: skip


def _certificates(delivery: Delivery, fleet: Fleet) -> None:
    """Certificates of crews; ``<role>_valid_to`` and ``<role>_certified`` of the fleet differ."""
    for role, kind in CREW_CERTIFICATES.items():
        crews = fleet.trucks
        if f"{role}_certified" in crews.columns:
            crews = crews.filter(pl.col(f"{role}_certified").ne_missing(False))
        own = pl.col(f"{role}_valid_to") if f"{role}_valid_to" in crews.columns else pl.lit(None)
        delivery.add("driver_permit", crews.unique(role, maintain_order=True).select(
            permit_no=pl.lit("3205") + (pl.col(role) + 1_000_000).cast(pl.String),
            kind=pl.lit(kind),
            issued_on=pl.date(2022, 3, 1),
            valid_to=own.fill_null(pl.lit(USUAL_CERTIFICATE_END)),
            status=pl.lit("有效"),
            **{"person:driver": pl.col(role), "org:employer": pl.col("owner")},
        ))  # fmt: skip
