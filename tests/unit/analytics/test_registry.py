"""Contract of the registry: every model documented, with a hit, a near miss and a clean case."""

import ast
import importlib
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.identity import FindingHistory
from analytics.model import Model
from analytics.registry import MODELS, check_models, in_order
from analytics.run import DetectOptions, DetectReport, State, run_models
from graph.types import Finding
from records.contract import load_contract, read_table
from records.law import load_references
from records.views import Views
from tests.unit.analytics.chain_lake import ChainLake
from tests.unit.analytics.licence_lake import Lake as LicenceLake
from tests.unit.analytics.loop_lake import Lake as LoopLake
from tests.unit.analytics.monitor_lake import Lake as MonitorLake
from tests.unit.analytics.ring_lake import RingLake
from tests.unit.analytics.sampling_lake import Lake as SamplingLake
from tests.unit.analytics.tables import make_inputs

DAY = date(2026, 10, 31)
CATALOGUE = {row["model_id"]: row for row in read_table("model_catalogue.csv")}
IDS = [model.id for model in MODELS]
# Read beside what the inputs table gives: to know whose site, station or firm it is, and to
# compare fragments.
EXTRA = {
    "HW-10": {
        "enterprise",
        "hw_declaration",
        "hw_ledger",
        "hw_store",
        "permit",
        "place",
        "weighbridge",
    },
    "OM-02": {"platform_outage"},
    "TP-01": {"toll_station"},
    "TP-06": {"obs_hour"},
}
# HW-10 carries the name under which GRAPH_MODELS restates it.
RESTATED = {"HW-10": "空壳交接(图模型)"}
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Sample:
    """Rows of a small lake, and findings that ran before."""

    rows: Rows
    before: Sequence[Finding] = field(default=())


def ring(lake: RingLake) -> Sample:
    return Sample(lake.tables, tuple(lake.findings))


OWN_SITES = [f"s{n}" for n in range(6)]
# Per model: a hit, a near miss and a clean case.
SAMPLES: dict[str, Callable[[], tuple[Sample, Sample, Sample]]] = {
    "HW-08": lambda: (
        Sample(LicenceLake("licence").ship().tables),
        Sample(LicenceLake().ship(tonnes=899.0).tables),
        Sample(LicenceLake().ship().tables),
    ),
    "HW-10": lambda: (
        Sample(ChainLake().chain().tables),
        Sample(ChainLake().shell("x").sell("gx", 0, 100.0).sell("xr", 31, 80.0).tables),
        Sample(ChainLake().sell("gx", 0, 100.0).tables),
    ),
    "HW-11": lambda: (
        Sample(LoopLake().ring("abc", tonnes=2.0).tables),
        Sample(LoopLake().ring("abc", step=16).tables),
        Sample(LoopLake().move("ab", 0).move("bc", 3).tables),
    ),
    "OM-02": lambda: (
        Sample(MonitorLake().stand(100, 21).rows()),
        Sample(MonitorLake().stand(100, 5).rows()),
        Sample(MonitorLake().rows()),
    ),
    "TP-01": lambda: (
        Sample(SamplingLake().job("a", 0).job("b", 0.5).tables),
        Sample(SamplingLake().job("a", 0).job("c", 0.5).tables),
        Sample(SamplingLake().job("a", 0).job("b", 8).tables),
    ),
    "TP-06": lambda: (
        ring(RingLake().tied().anomalies([*OWN_SITES, "o1"])),
        ring(RingLake().anomalies([*OWN_SITES, "o1"])),
        ring(RingLake().tied()),
    ),
}


def run(tmp_path: Path, model: Model[Any], sample: Sample, state: State = "LIVE") -> DetectReport:
    views = Views(make_inputs(sample.rows, DAY).sql)
    with FindingHistory.open(tmp_path / "findings.sqlite") as history:
        report = run_models(
            views,
            history,
            [model],
            DetectOptions(DAY, states={model.id: state}),
            kept=sample.before,
        )
    assert [m.failure for m in report.models] == [""]
    own = tuple(f for f in report.findings if f.model == model.id)
    return replace(report, findings=own)


def model_of(model_id: str) -> Model[Any]:
    return next(model for model in MODELS if model.id == model_id)


# Documented


@pytest.mark.parametrize("model_id", IDS)
def test_the_file_is_named_by_the_id_and_says_mechanism_innocents_and_source(
    model_id: str,
) -> None:
    name = model_id.lower().replace("-", "_")
    module = importlib.import_module(f"analytics.models.{name}")
    assert model_of(model_id) is module.MODEL
    text = inspect.getdoc(module) or ""
    assert text.startswith(f"{model_id} {module.MODEL.name_zh.partition('(')[0]}")
    for word in ("Mechanism.", "Innocent.", "Source:"):
        assert word in text, word


@pytest.mark.parametrize("model_id", IDS)
def test_every_parameter_has_unit_source_author_and_date(model_id: str) -> None:
    model = model_of(model_id)
    notes = model.parameter_notes()
    assert set(notes) == set(model.parameters())
    for name, note in notes.items():
        assert set(note) == {"unit", "source", "author", "on"}, name
        assert all(note.values()), name
        date.fromisoformat(note["on"])
    json.dumps(model.parameters())
    with pytest.raises(FrozenInstanceError):
        setattr(model.params, next(iter(notes)), 1)


@pytest.mark.parametrize("model_id", IDS)
def test_the_model_agrees_with_the_catalogue(model_id: str) -> None:
    model = model_of(model_id)
    row = CATALOGUE.get(model_id)
    if row is None:
        assert model_id in ("HW-11", "TP-06"), "only these two stand outside the catalogue"
        return
    assert model.name_zh == RESTATED.get(model_id, row["name_zh"].strip())
    assert model.direction == row["direction"][0]
    assert model.notice == row["enterprise_notice"]


@pytest.mark.parametrize("model_id", IDS)
def test_the_datasets_are_those_that_the_inputs_table_gives_the_model(model_id: str) -> None:
    given = {r["dataset"] for r in read_table("MODEL_INPUTS.csv") if r["model"] == model_id}
    model = model_of(model_id)
    assert set(model.required) <= set(model.datasets)
    assert set(model.datasets) - given <= EXTRA.get(model_id, set())


@pytest.mark.parametrize("model_id", IDS)
def test_thresholds_are_no_literals(model_id: str) -> None:
    """Comparisons in a model's file use parameters or small counts, never a bare threshold."""
    name = model_id.lower().replace("-", "_")
    module = importlib.import_module(f"analytics.models.{name}")
    tree = ast.parse(inspect.getsource(module))
    bare = [
        node.value
        for compare in ast.walk(tree)
        if isinstance(compare, ast.Compare)
        for node in compare.comparators
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    ]
    assert all(value in (0, 1, 2, 3) for value in bare), bare


def test_every_model_has_its_samples() -> None:
    assert sorted(SAMPLES) == sorted(IDS)


# Hit, near miss, clean


@pytest.mark.parametrize("model_id", IDS)
def test_a_hit_a_near_miss_and_a_clean_case(model_id: str, tmp_path: Path) -> None:
    model = model_of(model_id)
    hit, near, clean = SAMPLES[model_id]()
    findings = run(tmp_path, model, hit).findings
    assert findings
    assert run(tmp_path, model, near).findings == ()
    assert run(tmp_path, model, clean).findings == ()
    references = {*load_references(), "legal_gap"}
    for found in findings:
        assert found.params == model.parameters()
        assert set(found.legal_refs) <= references
        assert found.innocent
        assert found.would_clear
        assert found.searched
        assert found.statistics
        assert {e.dataset for e in found.evidence} <= set(load_contract().datasets)
        assert Finding.from_line(found.to_line()).to_line() == found.to_line()


@pytest.mark.parametrize("model_id", IDS)
def test_rows_of_evidence_exist(model_id: str, tmp_path: Path) -> None:
    hit, _, _ = SAMPLES[model_id]()
    sql = make_inputs(hit.rows, DAY).sql
    cited = [e for f in run(tmp_path, model_of(model_id), hit).findings for e in f.evidence]
    for row in (e for e in cited if e.batch == f"batch-{e.dataset}"):
        found = sql.execute(
            f'SELECT count(*) FROM "{row.dataset}" WHERE batch = ? AND row = ? AND part = ?',
            (row.batch, row.row, row.part),
        ).fetchall()
        assert found == [(1,)], row
    assert cited


@pytest.mark.parametrize("model_id", IDS)
def test_twice_the_same_and_silent_in_shadow(model_id: str, tmp_path: Path) -> None:
    model = model_of(model_id)
    hit, _, _ = SAMPLES[model_id]()
    lines = [[f.to_line() for f in run(tmp_path, model, hit).findings] for _ in range(2)]
    assert lines[0] == lines[1]
    assert all(f.grade == 3 for f in run(tmp_path, model, hit, "TRIAL").findings)
    assert run(tmp_path, model, hit, "SHADOW").findings == ()


@pytest.mark.parametrize("model_id", IDS)
def test_an_empty_lake_is_insufficient_and_no_fault(model_id: str, tmp_path: Path) -> None:
    model = model_of(model_id)
    report = run(tmp_path, model, Sample({}))
    assert report.findings == ()
    assert report.models[0].missing == model.required


# The registry itself


def test_an_inconsistent_registry_fails_at_import() -> None:
    one = MODELS[0]
    with pytest.raises(ValueError, match="repeat"):
        check_models((one, one))
    with pytest.raises(ValueError, match="no_such"):
        check_models((replace(one, datasets=("no_such",)),))
    with pytest.raises(ValueError, match="CODE-9999"):
        check_models((replace(one, legal_refs=("CODE-9999",)),))


def test_models_run_after_those_that_they_wait_for() -> None:
    order = [model.id for model in in_order(MODELS)]
    assert sorted(order) == sorted(IDS)
    for model in MODELS:
        for prefix in model.after:
            before = [i for i, name in enumerate(order) if name.startswith(prefix)]
            assert all(i < order.index(model.id) for i in before if order[i] != model.id)
    a, b = (replace(MODELS[0], id=name, after=(other,)) for name, other in (("A", "B"), ("B", "A")))
    with pytest.raises(ValueError, match="wait for each other"):
        in_order((a, b))
