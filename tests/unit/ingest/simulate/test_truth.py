"""The truth file: cases with rows, mentions with firms; the same seed, the same bytes."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

from ingest.simulate.province import simulate_world
from ingest.simulate.size import WorldSize

TINY = WorldSize(
    generators=90, receivers=18, carriers=8, manifests=260, outlets=10, testing_bodies=4,
    operators=3, traders=8, bystanders=60, test_reports=60, cameras=40, street_passes=300,
)  # fmt: skip


def digests(root: Path) -> dict[str, str]:
    """SHA-256 of every file below ``root``."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny province on disk: ``inbox/`` and ``truth.json``."""
    root = tmp_path_factory.mktemp("tiny")
    simulate_world(root / "inbox", TINY, seed=7, truth=root / "truth.json")
    return root


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    written: Path, tmp_path: Path
) -> None:
    simulate_world(tmp_path / "again" / "inbox", TINY, seed=7, truth=tmp_path / "again/truth.json")
    simulate_world(tmp_path / "other" / "inbox", TINY, seed=8, truth=tmp_path / "other/truth.json")
    assert digests(tmp_path / "again") == digests(written)
    assert digests(tmp_path / "other") != digests(written)


def test_every_case_has_firms_and_every_hit_has_rows(written: Path) -> None:
    truth = json.loads((written / "truth.json").read_text(encoding="utf-8"))
    assert truth["seed"] == 7
    for case in truth["cases"]:
        firms = [s for s in case["subjects"] if s["kind"] == "organization"]
        assert firms or case["subjects"], case["name"]
        assert all(len(s["uscc"]) == 18 for s in firms), case["name"]
        if case["kind"] == "hit" and case["model"].startswith("HW-1"):
            assert case["rows"], case["name"]
            assert case["severity"] in ("grave", "serious", "slight"), case["name"]


def test_truth_in_the_inbox_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lies inside the inbox"):
        simulate_world(tmp_path, TINY, seed=1, truth=tmp_path / "truth.json")
    assert list(tmp_path.iterdir()) == []


def test_nothing_planted_is_named_in_the_inbox(written: Path) -> None:
    tags = ("HW-11-", "HW-10-", "TP-06-", "TP-01-", "OM-02-", "HW-08-")
    for path in (written / "inbox").rglob("*"):
        if path.suffix in (".csv", ".tsv", ".jsonl"):
            data = path.read_bytes()
            assert not any(tag.encode() in data for tag in tags), path.name


def lines_of(path: Path) -> list[str]:
    """Lines of a delimited file of either encoding."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return data.decode("gb18030").splitlines()


@pytest.mark.parametrize(
    ("dataset", "column", "least"),
    [("weighbridge", "uscc", 0.95), ("manifest", "shipper_name", 0.5)],
)
def test_parties_tell_who_each_row_means(
    written: Path, dataset: str, column: str, least: float
) -> None:
    with (written / "truth.members.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if (r["dataset"], r["column"]) == (dataset, column)]
    batches = {
        hashlib.sha256(path.read_bytes()).hexdigest()[:16]: lines_of(path)
        for path in (written / "inbox" / dataset).iterdir()
        if path.suffix in (".csv", ".tsv")
    }
    # Behind the broken rows a wrong count would show; some rows have no code or a misread one.
    told = [(r["meant"], batches[r["batch"]][int(r["row"])]) for r in rows if r["batch"] in batches]
    late = told[len(told) // 2 :]
    assert len(late) > 20
    assert sum(meant in line for meant, line in late) / len(late) > least
