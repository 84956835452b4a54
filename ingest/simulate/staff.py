"""People of the third parties: technicians of operation firms, sampling teams of laboratories."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.identifiers import plates
from ingest.simulate.scene import Scene
from ingest.simulate.streams import Ints, pick, stream
from ingest.simulate.world import World

TECHNICIANS_PER_FIRM = 3
TEAMS_PER_BODY = 3
# Serial numbers of cars begin where those of trucks will never arrive.
FIRST_CAR = 200_000
CAMERAS_IN_HAND = ["华为 Mate 60", "小米 14", "OPPO Find X7", "佳能 IXUS 285"]


def car_plates(world: World, owners: Ints, serials: Ints) -> pl.Series:
    """Plates of cars, none of them a truck's."""
    letters = world.firms()["letter"].gather(owners)
    return plates(letters, serials + FIRST_CAR, world.seed)


def technicians_of(scene: Scene) -> pl.DataFrame:
    """Staff of the operation firms: operator, person, rank, cert_no, plate; made once per firm."""
    kept = scene.kept.get("technicians")
    firms = scene.world.of_role("operator")["firm"]
    if kept is not None:
        firms = firms.filter(~firms.is_in(kept["operator"].to_list()))
    if firms.is_empty() and kept is not None:
        return kept
    owners = firms.to_numpy().repeat(TECHNICIANS_PER_FIRM)
    people = scene.world.people.hire(len(owners))
    frame = pl.DataFrame({
        "operator": owners,
        "person": people,
        "rank": np.arange(len(owners)) % TECHNICIANS_PER_FIRM,
        "plate": car_plates(scene.world, owners, people % 30_000),
    }).with_columns(
        cert_no=pl.lit("YW32") + (pl.col("person") + 6_000_000).cast(pl.String)
    )  # fmt: skip
    scene.kept["technicians"] = frame if kept is None else pl.concat([kept, frame])
    return scene.kept["technicians"]


def teams_of(scene: Scene) -> pl.DataFrame:
    """Everyday sampling teams: body, team, lead, second, plate, instrument_no, serial_no, camera.

    Made once per scene, for the bodies of everyday life; ``lead`` and ``second`` are persons.
    """
    if "teams" not in scene.kept:
        world = scene.world
        bodies = world.of_role("tester").head(world.size.testing_bodies)["firm"].to_numpy()
        scene.kept["teams"] = _made(scene, bodies.repeat(TEAMS_PER_BODY), "teams")
    return scene.kept["teams"]


def hire_teams(scene: Scene, bodies: Sequence[int]) -> pl.DataFrame:
    """One new team per entry of ``bodies`` for a plant; columns as in :func:`teams_of`.

    The staff registers show these people like all others.
    """
    label = f"hired {scene.world.people.count}"
    teams = _made(scene, np.array(bodies, dtype=np.int64), label)
    known = scene.kept.get("hired teams")
    scene.kept["hired teams"] = teams if known is None else pl.concat([known, teams])
    return teams


def _made(scene: Scene, bodies: Ints, label: str) -> pl.DataFrame:
    world, n = scene.world, len(bodies)
    rng = stream(world.seed, label, n)
    lead, second = world.people.hire(n), world.people.hire(n)
    return pl.DataFrame({
        "body": bodies,
        "lead": lead,
        "second": second,
        "plate": car_plates(world, bodies, lead % 30_000),
        "camera": pick(rng, CAMERAS_IN_HAND, n),
    }).with_columns(
        team=pl.int_range(pl.len()).over("body"),
        instrument_no=pl.lit("XC-") + (pl.col("lead") % 9_000 + 1_000).cast(pl.String),
        serial_no=pl.lit("SN") + (pl.col("lead") * 7_919 + 20_260_000).cast(pl.String),
    )  # fmt: skip


def certificates(people: pl.Expr) -> pl.Expr:
    """Sampler's certificate numbers."""
    return pl.lit("CY32") + (people + 8_000_000).cast(pl.String)


def third_parties(scene: Scene, delivery: Delivery) -> None:
    """Add service_body, service_staff, lab_instrument and the cars of both kinds of firms."""
    world = scene.world
    teams = pl.concat([teams_of(scene), scene.kept.get("hired teams", teams_of(scene)[:0])])
    technicians = technicians_of(scene)
    _bodies(world, delivery, teams, technicians)
    staff = [
        (teams["body"], teams[role], "采样", teams.select(certificates(pl.col(role))).to_series())
        for role in ("lead", "second")
    ]
    staff.append((technicians["operator"], technicians["person"], "运维", technicians["cert_no"]))
    people = world.people.frame()
    for body, person, post, certificate in staff:
        delivery.add("service_staff", pl.DataFrame({
            "org:employer": body,
            "person:staff": person,
            "cert_no": certificate,
            "post": [post] * len(body),
            "joined_on": people["birth_on"].gather(person).dt.offset_by("24y"),
        }).unique(["org:employer", "person:staff"], maintain_order=True))  # fmt: skip
    delivery.add("lab_instrument", teams.select(
        "instrument_no", "serial_no",
        name=pl.lit("便携式多参数采样测定仪"),
        model=pl.lit("TH-880F"),
        portable=pl.lit(True),
        status=pl.lit("在用"),
        factors=pl.lit("化学需氧量、氨氮、总磷、二氧化硫、氮氧化物、烟尘"),
        verified_until=pl.date(2027, 5, 31),
        **{"org:tester": pl.col("body")},
    ).unique(["org:tester", "instrument_no"], maintain_order=True))  # fmt: skip
    for owners, plate in ((teams["body"], teams["plate"]),
                          (technicians["operator"], technicians["plate"])):  # fmt: skip
        firms = world.firms()
        delivery.add("vehicle", pl.DataFrame({
            "plate": plate,
            "plate_kind": ["02"] * len(plate),
            "owner_name": firms["name"].gather(owners),
            "owner_id": firms["uscc"].gather(owners),
            "vehicle_kind": ["小型普通客车"] * len(plate),
            "use_kind": ["A"] * len(plate),
            "status": ["正常"] * len(plate),
        }).unique("plate", maintain_order=True))  # fmt: skip


def _bodies(
    world: World, delivery: Delivery, teams: pl.DataFrame, technicians: pl.DataFrame
) -> None:
    sizes = pl.concat([
        teams.group_by("body").agg(n=pl.len() * 2),
        technicians.group_by(pl.col("operator").alias("body")).agg(n=pl.len()),
    ])  # fmt: skip
    firms = world.of_role("tester", "operator").join(
        sizes, left_on="firm", right_on="body", how="left", maintain_order="left"
    )
    is_tester = pl.col("role") == "tester"
    delivery.add("service_body", firms.select(
        kind=pl.when(is_tester).then(pl.lit("检验检测")).otherwise(pl.lit("自动监控运维")),
        cma_no=pl.when(is_tester).then(cma_number()),
        cma_valid_to=pl.when(is_tester).then(pl.date(2028, 12, 31)),
        staff_count=pl.col("insured_count"),
        sampler_count=pl.when(is_tester).then("n"),
        instrument_count=pl.when(is_tester).then(pl.col("insured_count") + 8),
        status=pl.lit("正常"),
        **{"org:body": pl.col("firm")},
    ))  # fmt: skip


def cma_number() -> pl.Expr:
    """CMA certificate number of a laboratory, 12 digits."""
    return pl.lit("22101234") + (pl.col("firm") % 10_000).cast(pl.String).str.zfill(4)
