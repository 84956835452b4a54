"""The simulator as a whole, on a province small enough to be made twice."""

import hashlib
import json
from pathlib import Path

import pytest

from ingest.simulate.province import SimulationReport, simulate, simulate_world
from ingest.simulate.size import WorldSize

TINY = WorldSize(
    generators=120, receivers=18, carriers=12, manifests=240, outlets=20, testing_bodies=5,
    operators=4, traders=12, bystanders=40, test_reports=60, cameras=60, street_passes=200,
)  # fmt: skip


def bytes_of(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulationReport]:
    out = tmp_path_factory.mktemp("made")
    return out, simulate_world(out / "inbox", TINY, seed=5, truth=out / "truth.json")


@pytest.mark.slow
def test_one_seed_gives_the_same_bytes_and_another_seed_others(
    made: tuple[Path, SimulationReport], tmp_path: Path
) -> None:
    first = bytes_of(made[0])
    simulate_world(tmp_path / "again" / "inbox", TINY, seed=5, truth=tmp_path / "again/truth.json")
    assert bytes_of(tmp_path / "again") == first
    simulate_world(tmp_path / "other" / "inbox", TINY, seed=6, truth=tmp_path / "other/truth.json")
    other = bytes_of(tmp_path / "other")
    assert other.keys() == first.keys()
    assert all(other[name] != first[name] for name in first if "toll_station" not in name)


def test_the_report_names_every_file_and_says_how_many_rows(
    made: tuple[Path, SimulationReport],
) -> None:
    out, report = made
    assert {path.relative_to(out) for path in report.files} == {
        path.relative_to(out) for path in (out / "inbox").rglob("*") if path.is_file()
    }
    document = json.loads(json.dumps(report.to_json(), ensure_ascii=False))
    assert document["rows"] == report.rows
    assert report.rows["obs_hour"] > 20_000


def test_no_file_of_the_inbox_names_a_planted_case(made: tuple[Path, SimulationReport]) -> None:
    out, _ = made
    truth = json.loads((out / "truth.json").read_text(encoding="utf-8"))
    words = {case["name"] for case in truth["cases"]} | {"look_alike", "near_miss", "HW-08-001"}
    for path in (out / "inbox").rglob("*.csv"):
        data = path.read_bytes()
        for word in words:
            assert word.encode() not in data, (path, word)
            assert word.encode("gb18030") not in data, (path, word)


def test_the_truth_may_not_lie_in_the_inbox(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lies inside the inbox"):
        simulate_world(tmp_path, TINY, seed=1, truth=tmp_path / "sub" / "truth.json")
    assert not list(tmp_path.iterdir())


def test_an_unknown_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="small, month, year"):
        simulate(tmp_path, size="huge")  # type: ignore[arg-type]  # wrong on purpose
