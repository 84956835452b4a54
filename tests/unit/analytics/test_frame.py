"""The frame of models: ids, episodes, caps, data gate, states, failures, law, bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.errors import AnalyticsError
from analytics.identity import FindingHistory, finding_id
from analytics.model import Draft, Inputs, Model, parameter
from analytics.run import (
    DetectOptions,
    DetectReport,
    detect,
    findings_frame,
    read_left_out,
    run_models,
)
from graph.types import Cap, Evidence, Finding, Statistic, Subject
from records.resolved import FINDING_COLUMNS
from records.views import Views
from records.workspace import Workspace
from tests.unit.analytics.tables import make_inputs

DAY = date(2026, 10, 31)
START = datetime(2026, 10, 5, 2)
# The published document, field by field in its order.
PUBLISHED = [
    "finding_id", "model", "model_version", "grade_raw", "grade", "caps", "score", "status",
    "as_of", "window", "title", "reason", "subjects", "quantities", "statistics", "innocent",
    "would_clear", "evidence", "searched", "legal_refs", "params", "replaces",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Params:
    limit: float = parameter(1.0, unit="t", source="test")


def draft(**changes: Any) -> Draft:
    base = Draft(
        grade=1,
        score=0.5,
        identity=("org:1", "org:2"),
        discriminator="x",
        started_at=START,
        ended_at=START + timedelta(days=2),
        title="疑似一事",
        reason="疑似如此",
        subjects=(Subject("org:1", "organization", "generator", "甲"),),
        evidence=(Evidence("manifest", "good", 1, 1, "1", "edge 1"),),
    )
    return replace(base, **changes)


def model(
    answer: Callable[[Inputs, Params], list[Draft]], name: str = "XX-01", **changes: Any
) -> Model[Params]:
    base = Model(
        id=name,
        version="1",
        name_zh="试",
        name_en="Test",
        direction="A",
        notice="neutral",
        datasets=("manifest",),
        required=(),
        legal_refs=("CODE-536",),
        params=Params(),
        detect=answer,
        episode_gap_days=30,
    )
    return replace(base, **changes)


def one(**changes: Any) -> Model[Params]:
    return model(lambda _inputs, _params: [draft(**changes)])


LEDGER = [
    {"dataset": "manifest", "batch": "good", "read": 1000, "accepted_ratio": 0.95},
    {"dataset": "manifest", "batch": "poor", "read": 100, "accepted_ratio": 0.94},
    {"dataset": "manifest", "batch": "small", "read": 99, "accepted_ratio": 0.5},
]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[FindingHistory]:
    with FindingHistory.open(tmp_path / "findings.sqlite") as opened:
        yield opened


def views(**rows: Any) -> Views:
    return Views(make_inputs({"batch_ledger": LEDGER, **rows}, DAY).sql)


def run(
    history: FindingHistory, *models: Model[Any], as_of: date = DAY, **options: Any
) -> DetectReport:
    return run_models(views(), history, models, DetectOptions(as_of, **options))


def only(report: DetectReport) -> Finding:
    assert [m.failure for m in report.models] == [""]
    (found,) = report.findings
    return found


# Ids (RULINGS 4)


def test_id_hangs_on_model_identity_discriminator_and_first_day_alone() -> None:
    own = finding_id("XX-01", draft())
    assert own.startswith("XX-01:")
    assert len(own) == len("XX-01:") + 16
    same = [
        draft(identity=("org:2", "org:1")),
        draft(started_at=START + timedelta(hours=13)),
        draft(ended_at=START + timedelta(days=9), grade=3, title="疑似别的", score=0.1),
    ]
    assert {finding_id("XX-01", d) for d in same} == {own}
    other = [
        finding_id("XX-02", draft()),
        finding_id("XX-01", draft(identity=("org:1",))),
        finding_id("XX-01", draft(discriminator="y")),
        finding_id("XX-01", draft(started_at=START + timedelta(hours=14))),
    ]
    assert len({own, *other}) == 5


def test_a_growing_case_keeps_its_id(history: FindingHistory) -> None:
    first = only(run(history, one()))
    later = only(run(history, one(ended_at=START + timedelta(days=20))))
    assert later.finding_id == first.finding_id
    assert later.replaces is None


def test_late_data_moves_the_start_and_names_what_it_replaces(history: FindingHistory) -> None:
    first = only(run(history, one()))
    moved = only(run(history, one(started_at=START - timedelta(days=5))))
    assert moved.finding_id != first.finding_id
    assert moved.replaces == first.finding_id
    assert only(run(history, one(started_at=START - timedelta(days=5)))) == moved


def test_another_episode_replaces_nothing(history: FindingHistory) -> None:
    run(history, one())
    gap = timedelta(days=33)
    later = only(run(history, one(started_at=START + gap, ended_at=START + gap)))
    assert later.replaces is None
    near = timedelta(days=-30)
    assert only(run(history, one(started_at=START + near, ended_at=START + near))).replaces


def test_two_drafts_of_one_case_and_day_are_a_fault(history: FindingHistory) -> None:
    report = run(history, model(lambda _i, _p: [draft(), draft(title="疑似二")]))
    assert report.findings == ()
    assert "two drafts" in report.models[0].failure


# Caps, gate, states


def test_caps_of_the_model_lower_the_grade_and_stay_visible(history: FindingHistory) -> None:
    found = only(run(history, one(caps=(Cap("few_data", 2, "数据少"),))))
    assert (found.grade_raw, found.grade) == (1, 2)
    assert [c.code for c in found.caps] == ["few_data"]


def test_a_cap_never_raises(history: FindingHistory) -> None:
    assert only(run(history, one(grade=3, caps=(Cap("few_data", 2, "数据少"),)))).grade == 3


@pytest.mark.parametrize(
    ("batches", "status"),
    [
        (("good",), "ok"),
        (("good", "poor"), "data_issue"),
        (("good", "small"), "ok"),
        (("small",), "data_issue"),
        (("poor", "small"), "data_issue"),
        (("unknown",), "ok"),
    ],
)
def test_data_gate(history: FindingHistory, batches: tuple[str, ...], status: str) -> None:
    rows = tuple(Evidence("manifest", b, 1, 1, "1", "edge") for b in batches)
    found = only(run(history, one(evidence=rows)))
    assert found.status == status
    assert (found.grade, [c.code for c in found.caps]) == (
        (1, []) if status == "ok" else (3, ["data_gate"])
    )


@pytest.mark.parametrize(
    ("state", "grades"),
    [("LIVE", [1]), ("TRIAL", [3]), ("SHADOW", []), ("DRAFT", []), ("SUSPENDED", [])],
)
def test_states(history: FindingHistory, state: str, grades: list[int]) -> None:
    report = run(history, one(), states={"XX-01": state})
    assert [f.grade for f in report.findings] == grades
    assert len(report.models) == (0 if state in ("DRAFT", "SUSPENDED") else 1)
    if state == "SHADOW":
        assert report.models[0].findings == 1
        assert not report.models[0].is_judged
    if state == "TRIAL":
        assert report.findings[0].grade_raw == 1


def test_default_state_holds_for_models_without_their_own(history: FindingHistory) -> None:
    assert run(history, one(), default_state="TRIAL").findings[0].grade == 3


# Failures, missing inputs, order


@pytest.mark.parametrize("error", [ValueError("x"), TypeError("y"), pl.exceptions.PolarsError("z")])
def test_one_failing_model_does_not_stop_the_others(
    history: FindingHistory, error: Exception
) -> None:
    def fail(_inputs: Inputs, _params: Params) -> list[Draft]:
        raise error

    good = replace(one(), id="XX-02")
    report = run(history, model(fail), good)
    assert [f.model for f in report.findings] == ["XX-02"]
    assert type(error).__name__ in report.models[0].failure
    assert not report.models[0].is_judged
    assert report.models[1].is_judged


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grade": 4}, "grade 4"),
        ({"evidence": ()}, "no evidence"),
        ({"subjects": ()}, "no evidence"),
        ({"identity": ()}, "no evidence"),
        ({"title": "确认一事"}, "疑似"),
        ({"reason": "如此"}, "疑似"),
        ({"score": 1.1}, "score"),
        ({"score": float("nan")}, "not finite"),
        ({"quantities": {"t": float("inf")}}, "not finite"),
        ({"statistics": (Statistic("s", float("nan"), None, "1"),)}, "not finite"),
        ({"ended_at": START - timedelta(days=1)}, "ends before"),
    ],
)
def test_a_draft_that_cannot_be_a_finding(
    history: FindingHistory, changes: dict[str, Any], words: str
) -> None:
    report = run(history, one(**changes))
    assert report.findings == ()
    assert words in report.models[0].failure


def test_without_its_inputs_a_model_says_so_and_reports_nothing(history: FindingHistory) -> None:
    needy = replace(one(), required=("manifest", "invoice"))
    report = run(history, needy)
    assert report.findings == ()
    assert report.models[0].missing == ("manifest", "invoice")
    assert report.models[0].failure == ""


def cut(line: str = "search cut: 1 organisations") -> Model[Params]:
    def look(inputs: Inputs, _params: Params) -> list[Draft]:
        inputs.left_out(line)
        return []

    return model(look)


def test_a_search_that_was_cut_says_so_although_it_found_nothing(history: FindingHistory) -> None:
    report = run(history, cut(), model(lambda _i, _p: [], "YY-01"))
    first, second = report.models
    assert (first.left_out, first.failure) == (("search cut: 1 organisations",), "")
    assert not first.is_judged, "its silence does not say that a finding no longer holds"
    assert (second.left_out, second.is_judged) == ((), True)


def test_what_was_left_out_stays_until_the_model_runs_again(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    options = DetectOptions(DAY)
    assert read_left_out(workspace) == {}
    detect(workspace, views(), [cut("a"), model(lambda _i, _p: [], "YY-01")], options)
    assert read_left_out(workspace) == {"XX-01": ("a",)}
    detect(workspace, views(), [model(lambda _i, _p: [], "YY-01")], options)
    assert read_left_out(workspace) == {"XX-01": ("a",)}
    detect(workspace, views(), [model(lambda _i, _p: [])], options)
    assert read_left_out(workspace) == {}


def test_a_model_sees_the_findings_before_it(history: FindingHistory) -> None:
    seen: list[list[str]] = []

    def look(inputs: Inputs, _params: Params) -> list[Draft]:
        seen.append([f.model for f in inputs.findings(("XX-",))])
        return []

    run(history, one(), model(look, "YY-01"))
    assert seen == [["XX-01"]]


def test_kept_findings_stay_and_are_seen(history: FindingHistory) -> None:
    kept = only(run(history, one()))
    report = run_models(
        views(), history, [model(lambda _i, _p: [], "YY-01")], DetectOptions(DAY), kept=[kept]
    )
    assert report.findings == (kept,)


# Parameters


def test_parameters_can_be_set_and_are_visible(history: FindingHistory) -> None:
    def limit(_inputs: Inputs, params: Params) -> list[Draft]:
        return [draft(quantities={"limit": params.limit})]

    found = only(run(history, model(limit), parameters={"XX-01": {"limit": 2.5}}))
    assert found.quantities == {"limit": 2.5}
    assert found.params == {"limit": 2.5}


def test_an_unknown_parameter_is_named_with_those_that_exist(history: FindingHistory) -> None:
    report = run(history, one(), parameters={"XX-01": {"limits": 1}})
    assert report.models[0].failure.startswith(AnalyticsError.__name__)
    assert "limits" in report.models[0].failure
    assert "limit" in report.models[0].failure


# Law (RULINGS 18)


def test_law_of_the_act_stands_before_the_law_of_the_day(history: FindingHistory) -> None:
    old = datetime(2026, 8, 10)
    found = only(run(history, one(started_at=old, ended_at=old)))
    assert found.legal_refs == ("SW-82", "CODE-536")
    assert only(run(history, one())).legal_refs == ("CODE-536",)


def test_the_last_day_of_the_act_decides(history: FindingHistory) -> None:
    found = only(run(history, one(started_at=datetime(2026, 8, 10), ended_at=START)))
    assert found.legal_refs == ("CODE-536",)


def test_where_no_row_exists_nothing_is_invented(history: FindingHistory) -> None:
    old = datetime(2019, 1, 1)
    found = only(
        run(history, one(started_at=old, ended_at=old, legal_refs=("MON-25",)), as_of=old.date())
    )
    assert found.legal_refs == ("legal_gap",)


# The published form


def test_published_fields_in_their_order(history: FindingHistory) -> None:
    found = only(run(history, one(score=1 / 3, quantities={"b": 2 / 3, "a": 1.0})))
    document = found.to_json()
    assert list(document) == PUBLISHED
    assert document["score"] == 0.333333
    assert document["quantities"] == {"a": 1.0, "b": 0.666667}
    assert document["window"] == {
        "from": "2026-10-05T10:00:00+08:00",
        "to": "2026-10-07T10:00:00+08:00",
    }
    assert document["as_of"] == "2026-10-31"
    assert Finding.from_line(found.to_line()).to_line() == found.to_line()


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    many = model(lambda _i, _p: [draft(discriminator=str(n)) for n in (3, 1, 2)])
    paths = []
    for name in ("a", "b"):
        workspace = Workspace(tmp_path / name)
        for _ in range(2):
            detect(workspace, views(), [many], DetectOptions(DAY))
            paths.append((workspace.derived("detect") / "findings.parquet").read_bytes())
    assert len(set(paths)) == 1


def test_findings_are_placed_by_the_first_subject_with_a_division(history: FindingHistory) -> None:
    found = only(run(history, one()))
    frame = findings_frame([found], {"org:1": "320505"})
    assert frame.schema == FINDING_COLUMNS
    assert frame["division_code"].to_list() == ["320505"]
    assert findings_frame([found], {})["division_code"].to_list() == [None]
