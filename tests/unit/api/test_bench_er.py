"""The benchmark of resolution on little data: what it counts is what there is.

Splink is the slowest of it; where it is not installed its cases are left out, never in CI.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from api.bench.er import targets
from api.bench.er_error_words import CORRUPTION_ZH, RELATION_ZH
from api.bench.er_errors import error_table, homes
from api.bench.er_pictures import draw_pictures
from api.bench.er_sizes import size_counts
from api.bench.er_sweep import curve
from ingest.simulate.organizations.corruptions import Corruption
from ingest.simulate.organizations.generate import Generated
from tests.unit.api.bench_documents import FIRMS, details, organizations, run

needs_splink = pytest.mark.skipif(
    importlib.util.find_spec("splink") is None and not os.environ.get("CI"),
    reason="needs splink: pip install 'jinghuan[scale]'",
)
PNG = b"\x89PNG"


def truth(*lines: tuple[int, Corruption]) -> pl.DataFrame:
    entities, bits = zip(*lines, strict=True)
    return pl.DataFrame(
        {
            "record_id": range(len(lines)),
            "entity_id": entities,
            "corruptions": [int(b) for b in bits],
        },
        schema={"record_id": pl.Int64, "entity_id": pl.Int64, "corruptions": pl.Int64},
    )


def made(frame: pl.DataFrame, *kinds: tuple[str, int | None]) -> Generated:
    """Records named after their number; organisations of the given kinds and parents."""
    n = frame.height
    texts = {c: ["x"] * n for c in ("code", "phone", "legal_representative", "address")}
    records = pl.DataFrame(
        {"record_id": range(n), "name": [f"记录{i}" for i in range(n)]} | texts,
        schema_overrides={"record_id": pl.Int64},
    )
    entities = pl.DataFrame(
        {
            "entity_id": range(len(kinds)),
            "kind": [kind for kind, _ in kinds],
            "parent_id": [parent for _, parent in kinds],
            "name": [f"单位{i}" for i in range(len(kinds))],
            "code": ["x"] * len(kinds),
        },
        schema_overrides={"entity_id": pl.Int64, "parent_id": pl.Int64},
    )
    return Generated(records, frame, entities)


def test_a_record_is_lost_outside_the_main_cluster_and_strange_among_others() -> None:
    clean = Corruption(0)
    frame = truth((0, clean), (0, clean), (0, clean), (1, clean), (1, clean))
    placed = homes(pl.Series([7, 7, 9, 7, 9]), frame)
    # Organisation 1 stands with one record in each cluster: the smaller number is its main one.
    assert placed["is_lost"].to_list() == [False, False, True, False, True]
    assert placed["host"].to_list() == [0, 0, 0, 0, 0]
    assert placed["is_strange"].to_list() == [False, False, False, True, True]
    assert placed["record_id"].to_list() == [0, 1, 2, 3, 4]


def test_errors_are_counted_by_kind_and_by_relation() -> None:
    typo, no_code = Corruption.TYPO, Corruption.MISSING_CODE
    frame = truth(
        (0, Corruption(0)),
        (0, Corruption(0)),
        (0, typo | no_code),
        (0, typo | Corruption.HOMOPHONE),
        (1, no_code),
        (2, Corruption(0)),
        (2, Corruption(0)),
    )
    source = made(frame, ("plain", None), ("branch", 0), ("plain", None))
    table = error_table(source, pl.Series([0, 0, 2, 5, 0, 5, 5]))
    rows: dict[str, Any] = {row["kind"]: row for row in table["kinds"]}
    assert (table["lost"], table["strange"]) == (2, 2)
    assert [rows["typo"][k] for k in ("records", "lost", "lost_alone", "strange")] == [2, 2, 1, 1]
    assert rows["homophone"]["lost_alone"] == 0
    assert [rows["missing_code"][k] for k in ("records", "lost", "strange_alone")] == [2, 1, 1]
    assert rows["clean"]["records"] == 5
    assert rows["typo"]["lost_examples"][0]["name"] == "记录2"
    assert rows["typo"]["lost_examples"][0]["firm_name"] == "单位0"
    relations = {row["relation"]: row["records"] for row in table["relations"]}
    assert relations == dict.fromkeys(RELATION_ZH, 0) | {"branch": 1, "unrelated": 1}
    assert "| 错字、漏字、重字 | 2 | 2（100.00%） | 1 | 1（50.00%） | 0 |" in table["markdown"]
    assert "记录4 → 单位0" in table["markdown"]


def test_every_kind_of_mistake_has_words() -> None:
    assert set(CORRUPTION_ZH) == set(Corruption)
    assert len(set(CORRUPTION_ZH.values())) == len(Corruption)


def test_sizes_are_counted_and_large_ones_together() -> None:
    labels = pl.Series([1, 2, 2, *[3] * 12, *[4] * 40])
    counted = size_counts(labels)
    assert counted["1"] == counted["2"] == 1
    assert counted["12+"] == 2
    assert sum(counted.values()) == 4


def test_a_curve_scores_every_threshold_and_names_the_best() -> None:
    joined, apart = np.array([0, 0, 2]), np.array([0, 1, 2])
    found = curve(
        lambda bits: joined if bits < 1 else apart,
        (0.0, 2.0),
        pl.Series([0, 1, 2]),
        pl.Series([5, 5, 6]),
    )
    assert [p["recall"] for p in found["curve"]] == [1.0, 0.0]
    assert found["best"]["threshold_bits"] == 0.0


def test_the_curve_of_ours_meets_the_run() -> None:
    found = details()
    assert found["curve_meets_the_run"]
    at = {point["threshold_bits"]: point for point in found["curve"]}
    assert at[found["threshold_bits"]]["f1"] == run()["scores"]["f1"]
    recalls = [point["recall"] for point in found["curve"]]
    assert recalls[0] > recalls[-1]


def test_details_hold_together() -> None:
    found = details()
    assert sum(found["sizes"]["truth"].values()) == FIRMS
    step = found["waterfall"]["step"]
    # Each bar is rounded to a thousandth of a bit.
    whole = step["prior_bits"] + sum(part["bits"] for part in step["parts"])
    assert step["bits"] == pytest.approx(whole, abs=0.01)
    assert step["bits"] >= found["threshold_bits"]
    for row in found["errors"]["kinds"]:
        assert row["lost_alone"] <= row["lost"] <= row["records"]
        assert len(row["lost_examples"]) <= 3
        assert bool(row["lost_examples"]) == bool(row["lost"])


@needs_splink
def test_peers_get_the_same_records_and_their_best_threshold() -> None:
    found = organizations()
    assert len({found[name]["records"] for name in ("ours", "exact", "splink")}) == 1
    for name in ("splink", "splink_components"):
        at = {point["threshold_bits"]: point for point in found[name]["curve"]}
        assert at[found[name]["threshold_bits"]]["f1"] == found[name]["scores"]["f1"]
        assert found[name]["best"]["f1"] == max(point["f1"] for point in at.values())
    assert found["ours"]["scores"]["f1"] > found["exact"]["scores"]["f1"]


@needs_splink
def test_ours_must_beat_the_peer_at_its_best() -> None:
    found = organizations()
    found |= {
        "ours_85_percent_missing": found["ours"],
        "ours_million": found["ours"],
        "ours_shuffled": found["ours"],
    }
    assert targets(found, {})["same_clusters_when_shuffled"]
    f1 = found["ours"]["scores"]["f1"]
    lucky = found["splink"] | {"best": {"f1": f1 + 1e-5}}
    plain = {name: found[name] | {"best": {"f1": 0.0}} for name in ("splink", "splink_components")}
    assert not targets(found | {"splink": lucky}, {})["better_f1_than_splink"]
    worse = {name: part | {"scores": {"f1": 0.0}} for name, part in plain.items()}
    assert targets(found | worse, {})["better_f1_than_splink"]


@needs_splink
def test_pictures_are_drawn_and_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    document = {"organizations": organizations(), "details": details()}
    made = draw_pictures(document, tmp_path / "one")
    assert [path.name for path in made] == ["er_curve.png", "er_sizes.png", "er_waterfall.png"]
    again = draw_pictures(document, tmp_path / "two")
    for one, two in zip(made, again, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert one.read_bytes().startswith(PNG)
