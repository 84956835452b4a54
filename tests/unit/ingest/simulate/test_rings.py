"""TP-06 plants: bodies of a ring share something rare and lie alike; look-alikes have a reason."""

import polars as pl
import pytest

from ingest.simulate.stations import stations
from ingest.simulate.truth import Case
from tests.unit.ingest.simulate.conftest import Province

HUB = 20


def shared_by(province: Province, case: Case) -> set[str]:
    """What at least two bodies of a case have in common and at most twenty firms have."""
    scene = province.scene
    firms = scene.world.firms()
    found = set()
    for column in ("phone", "contact_phone", "address", "legal_person"):
        values = firms[column].gather(case.firms)
        for value in values.filter(values.is_duplicated()).unique():
            if firms.filter(pl.col(column) == value).height <= HUB:
                found.add(column)
    staff = [r for r in scene.notes["service_staff"] if r["tag"] == case.tag]
    if staff:
        found.add("technician")
    teams = scene.kept["hired teams"].filter(pl.col("body").is_in(case.firms))
    if teams["serial_no"].is_duplicated().any():
        found |= {"instrument", "sampler"}
    return found


def tampered(province: Province, case: Case) -> list[dict[str, object]]:
    """Changes of series that belong to a case."""
    return [r for r in province.scene.tampered if case.tag in str(r["tag"]).split("+")]


def settings(province: Province, case: Case) -> list[dict[str, object]]:
    """Changes of parameters that belong to a case."""
    return [r for r in province.scene.notes["param_log"] if r["tag"] == case.tag]


def test_bodies_of_every_ring_share_something_rare(province: Province) -> None:
    hits = province.cases("TP-06", "hit")
    assert len(hits) == 4
    assert all(shared_by(province, case) for case in hits)
    richest = max(hits, key=lambda case: len(shared_by(province, case)))
    assert richest.severity == "grave"


@pytest.mark.parametrize("name", ["老旧设备集中", "代账公司电话"])
def test_these_look_alikes_share_nothing_rare(province: Province, name: str) -> None:
    (case,) = [c for c in province.cases("TP-06", "look_alike") if c.name == name]
    assert shared_by(province, case) == set()


def test_rings_of_operators_serve_sites_that_are_all_false(province: Province) -> None:
    table = stations(province.scene)
    for case in province.cases("TP-06", "hit"):
        served = set(table.filter(pl.col("operator").is_in(case.firms))["station"])
        false = {row["station"] for row in tampered(province, case)}
        assert served == false, case.name


def test_settings_of_a_ring_are_alike_and_unexplained(province: Province) -> None:
    for case in province.cases("TP-06", "hit"):
        rows = settings(province, case)
        if rows:
            assert len({row["new_value"] for row in rows}) == 1
            assert all(row["is_remote"] and not row["reason"] for row in rows)
            assert all(row["changed_at"].hour < 6 for row in rows)


def test_settings_of_everybody_else_have_a_reason(province: Province) -> None:
    rings = {case.tag for case in province.cases("TP-06", "hit")}
    others = [r for r in province.scene.notes["param_log"] if r["tag"] not in rings]
    assert others
    assert all(row["reason"] and row["approved"] for row in others)


def test_shared_team_is_at_two_sites_at_once_for_two_bodies(province: Province) -> None:
    for case in province.cases("TP-06", "hit"):
        jobs = [j for j in province.scene.jobs if case.tag in str(j["tag"]).split("+")]
        pairs = [
            (a, b) for a in jobs for b in jobs
            if a["started"] < b["started"] < a["ended"] and a["site"] != b["site"]
        ]  # fmt: skip
        assert bool(pairs) == any(
            f in province.scene.world.of_role("tester")["firm"] for f in case.firms
        )
        assert all(set(a["persons"]) == set(b["persons"]) for a, b in pairs)
        assert all(a["body"] != b["body"] and a["photo_hash"] == b["photo_hash"] for a, b in pairs)


def test_the_groups_subcontracts_are_filed(province: Province) -> None:
    (case,) = [c for c in province.cases("TP-06", "look_alike") if "分包" in c.name]
    filed = [r for r in province.scene.notes["om_contract"] if r["tag"] == case.tag]
    assert filed
    assert all(row["parent_contract_no"] for row in filed)


def test_no_station_serves_two_cases(province: Province) -> None:
    owners: dict[int, set[str]] = {}
    for row in province.scene.tampered:
        if row["tag"]:
            main = str(row["tag"]).split("+")[0]
            owners.setdefault(int(str(row["station"])), set()).add(main)
    assert {station: tags for station, tags in owners.items() if len(tags) > 1} == {}
