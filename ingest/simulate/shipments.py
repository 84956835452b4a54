"""Papers of a transfer: manifest with its line, waybill, carrier legs, weighbridge and gate."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.geography import road_km
from ingest.simulate.streams import Floats, Ints, stream
from ingest.simulate.trades import WASTE_NAMES
from ingest.simulate.transfers import trip_hours
from ingest.simulate.world import World

PACKS = {"L": ("吨桶", 1.0), "S": ("吨袋", 0.9), "SS": ("吨袋", 1.0), "G": ("钢瓶", 0.05)}
UN_NUMBERS = {"HW34": ("1760", "腐蚀性液体，未另作规定的", "8类"),
              "HW06": ("1993", "易燃液体，未另作规定的", "3类"),
              "HW08": ("3082", "对环境有害的液态物质，未另作规定的", "9类")}  # fmt: skip


@dataclass(slots=True)
class Serials:
    """Running numbers of manifests per city and year, going on from period to period."""

    last: dict[tuple[str, int], int] = field(default_factory=dict)

    def manifest_numbers(self, city: pl.Series, departed: pl.Series) -> pl.Series:
        """14-digit numbers: year, 32, city, serial; rows must be in order of time."""
        towns = city.str.slice(0, 4)  # counties of one city share its serials
        frame = pl.DataFrame({"city": towns, "year": departed.dt.year()}).with_columns(
            rank=pl.int_range(pl.len()).over("city", "year"), n=pl.len().over("city", "year")
        )
        base, start = [], {}
        for town, year, n in sorted(frame.select("city", "year", "n").unique().iter_rows()):
            start[(town, year)] = self.last.get((town, year), 1_200)
            self.last[(town, year)] = start[(town, year)] + n * 3
            base.append({"city": town, "year": year, "base": start[(town, year)]})
        frame = frame.join(
            pl.DataFrame(base, schema_overrides={"year": frame.schema["year"]}),
            on=["city", "year"], maintain_order="left",
        )  # fmt: skip
        serial = pl.col("base") + pl.col("rank") * 3 + 1 + pl.col("rank") % 2
        return frame.select(
            pl.col("year").cast(pl.String) + pl.col("city") + serial.cast(pl.String).str.zfill(6)
        ).to_series()


def licence_numbers(world: World) -> pl.DataFrame:
    """Operating licence number of each licensed plant: firm, base_licence_no."""
    plants = world.of_role("receiver")
    return plants.select(
        "firm",
        base_licence_no=pl.lit("JS")
        + pl.col("division_code").str.slice(2)
        + "OOI"
        + (pl.col("firm") * 7 % 900 + 100).cast(pl.String)
        + "-"
        + (pl.col("firm") % 4 + 1).cast(pl.String),
    )


def enrich(world: World, transfers: pl.DataFrame, serials: Serials) -> pl.DataFrame:
    """Transfers with number, places, distance, arrival, acceptance and confirmation."""
    firms = world.firms()
    frame = transfers.sort(
        "departed_at", "shipper", "waste_code", "quantity_t", maintain_order=True
    )
    n = frame.height
    span = (str(frame["departed_at"].min()), n)
    rng = stream(world.seed, "shipments", span)
    for side in ("shipper", "receiver"):
        frame = frame.with_columns(
            firms[c].gather(frame[side]).alias(f"{side}:{c}")
            for c in ("lon", "lat", "address", "division_code", "contact_person", "county")
        )
    distance = road_km(
        frame["shipper:lon"].to_numpy(), frame["shipper:lat"].to_numpy(),
        frame["receiver:lon"].to_numpy(), frame["receiver:lat"].to_numpy(),
    )  # fmt: skip
    hours = trip_hours(distance) * (1 + np.abs(rng.normal(0, 0.08, n)))
    minutes = _span(np.round(hours * 60))
    wait = _span(rng.integers(20, 110, n))
    confirm = _span(rng.gamma(1.4, 14, n) * 60 + 30)
    frame = frame.with_columns(
        distance_km=pl.Series(np.round(distance, 1)),
        handover_at=pl.col("departed_at") - _span(rng.integers(5, 45, n)),
        arrived_at=pl.col("departed_at") + minutes,
        accepted_at=pl.col("departed_at") + minutes + wait,
        confirmed_at=pl.col("departed_at") + minutes + wait + confirm,
    )
    # An everyday truck that is still on the road cannot leave again.
    free = pl.col("departed_at") > pl.col("accepted_at").shift(1).over(
        "vehicle", order_by="departed_at"
    )
    frame = frame.filter(pl.col("tag").is_not_null() | free.fill_null(True))
    numbers = serials.manifest_numbers(frame["shipper:division_code"], frame["departed_at"])
    frame = frame.with_columns(manifest_no=numbers)
    frame = frame.join(
        licence_numbers(world), left_on="receiver", right_on="firm", how="left",
        maintain_order="left",
    )  # fmt: skip
    tanks = world.vehicles()
    return frame.with_columns(
        licence_no=pl.coalesce("licence_no", "base_licence_no"),
        received_t=(pl.col("quantity_t") * pl.col("received_ratio")).round(3),
        category=pl.lit("HW") + pl.col("waste_code").str.slice(8, 2),
        transport_no=tanks["transport_no"].gather(frame["vehicle"]),
        pass_no=pl.lit("TX") + pl.col("manifest_no"),
        draw=pl.Series(rng.random(frame.height)),
    )


def _span(minutes: Floats | Ints) -> pl.Expr:
    """Whole minutes as durations, one per row."""
    return pl.duration(minutes=pl.lit(pl.Series(minutes.astype(np.int64))))


def papers(world: World, frame: pl.DataFrame, delivery: Delivery) -> None:
    """Add manifest, line, leg, waybill, weighbridge and gate rows of enriched transfers."""
    people = world.people.frame()["person_name"]
    names = {code: name for code, (name, _) in WASTE_NAMES.items()}
    forms = {code: form for code, (_, form) in WASTE_NAMES.items()}
    form = pl.col("waste_code").replace_strict(forms, default="S")
    refused = pl.col("decision") == "拒绝"
    delivery.add("manifest", frame.select(
        "tag", "manifest_no", "handover_at", "departed_at", "arrived_at", "accepted_at",
        "confirmed_at", "licence_no", "approval_no", "receiver_lon", "receiver_lat", "decision",
        kind=pl.when(pl.col("draw") < 0.012).then(pl.lit("纸质补录")).otherwise(pl.lit("电子")),
        scope=pl.col("scope").fill_null("省内"),
        shipper_operator=people.gather(frame["shipper:contact_person"]),
        receiver_operator=people.gather(frame["receiver:contact_person"]),
        transport_tool=pl.lit("公路"),
        vehicle_permit_no="transport_no",
        from_place=pl.col("shipper:county"),
        to_place=pl.col("receiver:county"),
        planned_km="distance_km",
        crs=pl.when(pl.col("receiver_lon").is_not_null()).then(pl.lit("WGS84")),
        major_diff=refused | (pl.col("decision") == "部分接受"),
        status=pl.when(refused).then(pl.lit("已拒绝")).otherwise(pl.lit("已接受")),
        backfilled_at=pl.when(pl.col("draw") < 0.012).then(
            pl.col("accepted_at").dt.offset_by("2d")),
        **_parties("shipper", "receiver"),
        **{"org:carrier": pl.col("carrier"), "person:driver": pl.col("driver"),
           "person:escort": pl.col("escort"), "vehicle:vehicle": pl.col("vehicle"),
           "vehicle:trailer": pl.col("vehicle")},
    ))  # fmt: skip
    delivery.add("manifest_item", frame.select(
        "tag", "manifest_no", "waste_code", "category", "method", "decision",
        item_no=pl.lit(1, pl.Int64),
        waste_name=pl.col("waste_code").replace_strict(names, default="其他危险废物"),
        form=form,
        pack_kind=form.replace_strict({k: v[0] for k, v in PACKS.items()}),
        pack_qty=pl.col("quantity_t").ceil().cast(pl.Int64),
        qty_out_t="quantity_t",
        qty_in_t=pl.when(refused).then(0.0).otherwise(pl.col("received_t")),
        uom=pl.lit("吨"),
    ))  # fmt: skip
    _waybills(frame, delivery, names)
    _scales(world, frame.filter("travelled"), delivery)


def _parties(*roles: str) -> dict[str, pl.Expr]:
    out: dict[str, pl.Expr] = {}
    for role in roles:
        out[f"org:{role}"] = pl.col(role)
        out[f"org:{role}:name"] = pl.col(f"{role}_name")
        out[f"org:{role}:coded"] = pl.col(f"{role}_coded")
    return out


def _waybills(frame: pl.DataFrame, delivery: Delivery, names: dict[str, str]) -> None:
    filed = frame.filter(pl.col("draw") < 0.9)
    fallback = ("3077", "对环境有害的固态物质，未另作规定的", "9类")
    un = {c: UN_NUMBERS.get(c, fallback) for c in sorted(set(filed["category"]))}
    delivery.add("waybill", filed.select(
        "tag", "manifest_no", "departed_at", "arrived_at",
        waybill_no=pl.lit("YD") + pl.col("manifest_no").str.slice(2),
        item_no=pl.lit(1, pl.Int64),
        dispatched_at="handover_at",
        from_place="shipper:county",
        to_place="receiver:county",
        planned_km="distance_km",
        vehicle_permit_no="transport_no",
        un_no=pl.col("category").replace_strict({c: u[0] for c, u in un.items()}),
        goods=pl.col("waste_code").replace_strict(names, default="其他危险废物"),
        hazard_class=pl.col("category").replace_strict({c: u[2] for c, u in un.items()}),
        qty_t="quantity_t",
        status=pl.lit("已完成"),
        **{"org:consignor": pl.col("shipper"), "org:consignee": pl.col("receiver"),
           "org:carrier": pl.col("carrier"), "person:driver": pl.col("driver"),
           "person:escort": pl.col("escort"), "vehicle:vehicle": pl.col("vehicle"),
           "vehicle:trailer": pl.col("vehicle")},
    ))  # fmt: skip
    second = filed.filter(pl.col("draw") < 0.01)
    delivery.add("manifest_leg", second.select(
        "tag", "manifest_no", "departed_at", "arrived_at",
        leg_no=pl.lit(1, pl.Int64), from_place="shipper:county", to_place="receiver:county",
        **{"org:carrier": pl.col("carrier"), "vehicle:vehicle": pl.col("vehicle"),
           "person:driver": pl.col("driver"), "person:escort": pl.col("escort")},
    ))  # fmt: skip


def _scales(world: World, frame: pl.DataFrame, delivery: Delivery) -> None:
    if frame.height == 0:
        return
    tare = world.vehicles()["rated_load_t"].gather(frame["vehicle"]) * 0.62 + 5.2
    frame = frame.with_columns(tare=tare.round(2))
    delivery.add("weighbridge", frame.select(
        "tag", "manifest_no", "waste_code",
        ticket_no=pl.lit("BD") + pl.col("manifest_no").str.slice(2),
        bridge_no=pl.lit("1"),
        direction=pl.lit("进厂"),
        goods=pl.lit("危险废物"),
        gross_t=(pl.col("tare") + pl.col("received_t")).round(2),
        tare_t="tare",
        net_t="received_t",
        gross_at=pl.col("arrived_at").dt.offset_by("8m"),
        tare_at=pl.col("accepted_at"),
        weighed_at=pl.col("accepted_at"),
        **{"org:owner": pl.col("receiver"), "vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
    some = frame.filter(pl.col("draw") < 0.35)
    delivery.add("gate_pass", some.select(
        "tag",
        gate_no=pl.lit("MG") + pl.col("receiver").cast(pl.String).str.zfill(5),
        passed_at=pl.col("arrived_at").dt.offset_by("3m"),
        direction=pl.lit("进厂"),
        plate_color=pl.lit("黄色"),
        goods=pl.lit("危险废物"),
        load_t="received_t",
        **{"org:owner": pl.col("receiver"), "vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
