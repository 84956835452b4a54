"""Run the models and turn their drafts into findings."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from time import monotonic
from typing import Any, Literal

import duckdb
import polars as pl

from analytics.errors import AnalyticsError, DraftError
from analytics.identity import FindingHistory, finding_id
from analytics.model import Draft, Inputs, Model
from graph.types import Cap, Finding
from records.atomic import write_parquet, write_text
from records.clock import day_end, shanghai_day, shanghai_iso
from records.law import references_for
from records.resolved import FINDING_COLUMNS
from records.views import Views
from records.workspace import Workspace

State = Literal["DRAFT", "SHADOW", "TRIAL", "LIVE", "SUSPENDED"]
MILDEST = 3
GATE_RATIO = 0.95
GATE_ROWS = 100
LEFT_OUT = "left_out.json"


@dataclass(frozen=True, slots=True)
class DetectOptions:
    """What the door decides about a run: day, state and parameters by model."""

    as_of: date
    states: Mapping[str, State] = field(default_factory=dict)
    default_state: State = "LIVE"
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def state(self, model_id: str) -> State:
        """Life-cycle state of a model in this workspace."""
        return self.states.get(model_id, self.default_state)


@dataclass(frozen=True, slots=True)
class ModelReport:
    """How one model fared: findings by grade, seconds, and why it failed, if it did.

    ``missing`` names required datasets without a row: such a model reports nothing, which is not
    the same as having looked and found nothing. ``left_out`` says what a search that was cut did
    not look at, whether it found something or not.
    """

    model: str
    state: State
    seconds: float
    findings: int
    by_grade: dict[int, int]
    failure: str = ""
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Whether the model looked at everything, so that its silence means something."""
        return not self.failure and not self.left_out and self.state != "SHADOW"


@dataclass(frozen=True, slots=True)
class DetectReport:
    """What a run of the models gave."""

    as_of: date
    findings: tuple[Finding, ...]
    models: tuple[ModelReport, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Accepted share and size of each batch (RULINGS 13)."""

    ratio: dict[str, float]
    read: dict[str, int]

    @classmethod
    def load(cls, sql: duckdb.DuckDBPyConnection) -> "Gate":
        """Read the ledger as the views show it."""
        rows = sql.execute(
            "SELECT batch, min(accepted_ratio), max(read) FROM batch_ledger GROUP BY batch"
        ).fetchall()
        return cls({str(b): float(q) for b, q, _ in rows}, {str(b): int(n) for b, _, n in rows})

    def fails(self, draft: Draft) -> bool:
        """Whether the evidence rests on batches that came in broken."""
        batches = {row.batch for row in draft.evidence}
        poor = {b for b in batches if self.ratio.get(b, 1.0) < GATE_RATIO}
        return any(self.read.get(b, 0) >= GATE_ROWS for b in poor) or (
            bool(batches) and poor == batches
        )


def with_parameters(model: Model[Any], values: Mapping[str, Any]) -> Model[Any]:
    """The model with some parameters replaced by the workspace's own.

    Raises
    ------
    AnalyticsError
        When the model has no parameter of that name.
    """
    known = model.parameters()
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise AnalyticsError(
            f"模型 {model.id} 没有参数 {'、'.join(unknown)}；可用参数：{'、'.join(sorted(known))}"
        )
    return replace(model, params=replace(model.params, **dict(values))) if values else model


def _check(model: Model[Any], draft: Draft) -> None:
    texts = (draft.title, draft.reason)
    numbers = [draft.score, *draft.quantities.values(), *(s.value for s in draft.statistics)]
    problem = ""
    if draft.grade not in (1, 2, 3):
        problem = f"grade {draft.grade}"
    elif not draft.evidence or not draft.subjects or not draft.identity:
        problem = "no evidence, subject or identity"
    elif not all("疑似" in text for text in texts):
        problem = "title and reason must say 疑似"
    elif not all(math.isfinite(number) for number in numbers) or not 0 <= draft.score <= 1:
        problem = "a number is not finite or the score is outside 0..1"
    elif draft.started_at > draft.ended_at:
        problem = "ends before it starts"
    if problem:
        raise DraftError(f"model {model.id}, draft {draft.title!r}: {problem}")


def _caps(draft: Draft, state: State, gated: bool) -> tuple[Cap, ...]:
    caps = list(draft.caps)
    if state == "TRIAL":
        caps.append(Cap("model_trial", MILDEST, "模型处于试运行状态"))
    if gated:
        caps.append(Cap("data_gate", MILDEST, "证据所在批次合格率低于95%"))
    return tuple(sorted(caps, key=lambda cap: (cap.code, cap.grade, cap.reason)))


def _finding(
    model: Model[Any], draft: Draft, options: DetectOptions, gate: Gate, history: FindingHistory
) -> Finding:
    _check(model, draft)
    gated = gate.fails(draft)
    caps = _caps(draft, options.state(model.id), gated)
    refs = draft.legal_refs or model.legal_refs
    return Finding(
        finding_id=finding_id(model.id, draft),
        model=model.id,
        model_version=model.version,
        grade_raw=draft.grade,
        grade=max([draft.grade, *(cap.grade for cap in caps)]),
        caps=caps,
        score=draft.score,
        status="data_issue" if gated else "ok",
        as_of=options.as_of.isoformat(),
        window_from=shanghai_iso(draft.started_at),
        window_to=shanghai_iso(draft.ended_at),
        title=draft.title,
        reason=draft.reason,
        subjects=draft.subjects,
        quantities=draft.quantities,
        statistics=draft.statistics,
        innocent=draft.innocent,
        would_clear=draft.would_clear,
        evidence=draft.evidence,
        searched=draft.searched,
        legal_refs=references_for(refs, shanghai_day(draft.ended_at), options.as_of),
        params=model.parameters(),
        replaces=history.replaced_by(model.id, draft, model.episode_gap_days),
    )


def _of_models(findings: Sequence[Finding], prefixes: Sequence[str]) -> list[Finding]:
    return [f for f in findings if f.model.startswith(tuple(prefixes))]


def _missing(model: Model[Any], sql: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    return tuple(
        name
        for name in model.required
        if not sql.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchall()
    )


def run_models(
    views: Views,
    history: FindingHistory,
    models: Sequence[Model[Any]],
    options: DetectOptions,
    progress: Callable[[str], None] = lambda _: None,
    kept: Sequence[Finding] = (),
) -> DetectReport:
    """Run the models in the given order; one that fails is reported and the others go on.

    Parameters
    ----------
    models
        In running order: a model sees the findings of those before it.
    progress
        Called with a model's id before it runs.
    kept
        Findings of models that do not run this time; they stay and are seen by those that do.

    Returns
    -------
    DetectReport
        Findings sorted by id. Models in DRAFT, SHADOW and SUSPENDED give none.
    """
    sql = views.cursor()
    gate = Gate.load(sql)
    found: list[Finding] = list(kept)
    reports: list[ModelReport] = []
    for base in models:
        state = options.state(base.id)
        if state in ("DRAFT", "SUSPENDED"):
            continue
        progress(base.id)
        started = monotonic()
        own: list[Finding] = []
        left_out: list[str] = []
        failure, missing = "", _missing(base, sql)
        try:
            model = with_parameters(base, options.parameters.get(base.id, {}))
            inputs = Inputs(
                sql=sql,
                as_of=options.as_of,
                until=day_end(options.as_of),
                findings=partial(_of_models, tuple(found)),
                left_out=left_out.append,
            )
            drafts = [] if missing else model.detect(inputs, model.params)
            own = [_finding(model, draft, options, gate, history) for draft in drafts]
            if len({f.finding_id for f in own}) != len(own):
                raise DraftError(f"model {model.id} gave two drafts of one case and day")
        except Exception as error:  # whatever fails in one model is reported, the others go on
            own, failure = [], f"{type(error).__name__}: {error}"
        if state != "SHADOW":
            found += own
        grades = {g: sum(f.grade == g for f in own) for g in (1, 2, 3)}
        seconds, told = monotonic() - started, tuple(left_out)
        reports.append(
            ModelReport(base.id, state, seconds, len(own), grades, failure, missing, told)
        )
    ordered = tuple(sorted(found, key=lambda f: f.finding_id))
    return DetectReport(options.as_of, ordered, tuple(reports))


def findings_frame(findings: Sequence[Finding], divisions: Mapping[str, str]) -> pl.DataFrame:
    """Findings as the table behind the ``finding`` view; one row each.

    ``divisions`` gives the division code of an entity id; the first subject that has one places
    the finding.
    """
    rows = [
        {
            "finding_id": f.finding_id,
            "model": f.model,
            "grade": f.grade,
            "grade_raw": f.grade_raw,
            "score": round(f.score, 6),
            "status": f.status,
            "as_of": f.as_of,
            "window_from": f.window_from,
            "window_to": f.window_to,
            "title": f.title,
            "subject_ids": [s.entity_id for s in f.subjects],
            "division_code": next(
                (divisions[s.entity_id] for s in f.subjects if divisions.get(s.entity_id)), None
            ),
            "json": f.to_line(),
        }
        for f in findings
    ]
    return pl.DataFrame(rows, schema=FINDING_COLUMNS)


def detect(
    workspace: Workspace,
    views: Views,
    models: Sequence[Model[Any]],
    options: DetectOptions,
    progress: Callable[[str], None] = lambda _: None,
    kept: Sequence[Finding] = (),
) -> DetectReport:
    """Run the models and write ``findings.parquet``, whole or not at all."""
    with FindingHistory.open(workspace.state_file("findings")) as history:
        report = run_models(views, history, models, options, progress, kept)
        rows = (
            views.cursor()
            .execute(
                "SELECT entity_id, division_code FROM organization WHERE division_code IS NOT NULL"
            )
            .fetchall()
        )
        frame = findings_frame(report.findings, dict(rows))
        write_parquet(frame, workspace.derived("detect") / "findings.parquet")
        _write_left_out(workspace, report)
    return report


def _write_left_out(workspace: Workspace, report: DetectReport) -> None:
    """Keep what each model left out in its last run; models that did not run keep theirs."""
    ran = {model.model: list(model.left_out) for model in report.models}
    told = {m: list(lines) for m, lines in read_left_out(workspace).items()} | ran
    kept = {model: lines for model, lines in told.items() if lines}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    write_text(text + "\n", workspace.derived("detect") / LEFT_OUT)


def read_left_out(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """What each model left out in its last run, by model id; models that saw all are absent."""
    path = workspace.derived("detect") / LEFT_OUT
    if not path.exists():
        return {}
    found: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return {model: tuple(lines) for model, lines in found.items()}
