"""The stages and how they hang together: ingest → resolve → load → detect → leads.

A stage whose fingerprint is unchanged is skipped (RULINGS 6): its inputs, its parameters and the
program version, never a clock. The fingerprint is written last, so a killed stage runs again.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from time import monotonic
from typing import Any

from analytics.as_of import newest_event_day
from analytics.errors import NoEvents, UnknownModel
from analytics.model import Model
from analytics.registry import MODELS, in_order
from analytics.run import DetectOptions, DetectReport, detect
from api.graph_leads import lead_lines
from api.settings import Settings
from api.version import program_version
from casework.lead_sync import SyncReport
from casework.leads import Leads
from graph.client import GraphStore, connect
from graph.types import Finding
from graph.values import iso
from ingest.drop import IngestOptions, ingest
from ingest.load.leads import load_leads
from ingest.load.run import LoadReport, load
from ingest.report import IngestReport
from ingest.resolve.engine import BUILT_IN, Engine
from ingest.resolve.run import ResolveOptions, ResolveReport, resolve
from ingest.resolve.weight_files import workspace_weights
from records.atomic import write_text
from records.intake import Ledger
from records.views import Views, open_views
from records.workspace import Workspace

Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class StageReport:
    """One stage of a run: ``rows_in`` and ``rows_out`` count what it read and made."""

    stage: str
    seconds: float
    is_skipped: bool
    rows_in: int
    rows_out: int
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run: stages in order, and whether anything was refused or quarantined wholesale."""

    as_of: str | None
    stages: tuple[StageReport, ...]
    has_refusals: bool

    @property
    def is_nothing_new(self) -> bool:
        """Whether every stage found its output up to date."""
        return all(stage.is_skipped for stage in self.stages)

    def to_json(self) -> dict[str, Any]:
        """Document that ``run --json`` prints."""
        return {**asdict(self), "is_nothing_new": self.is_nothing_new}


def digest(*parts: object) -> str:
    """SHA-256 over a canonical JSON of ``parts``."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class Fingerprints:
    """What each stage last worked on, beside its output in ``lake/derived``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def is_current(self, stage: str, fingerprint: str) -> bool:
        """Whether the stage's output stands for this fingerprint."""
        path = self._workspace.derived(stage) / "fingerprint.json"
        if not path.exists():
            return False
        try:
            return bool(json.loads(path.read_text(encoding="utf-8")) == fingerprint)
        except ValueError:
            return False

    def read(self, stage: str) -> str:
        """Fingerprint of the stage's output, empty when there is none."""
        path = self._workspace.derived(stage) / "fingerprint.json"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def set(self, stage: str, fingerprint: str) -> None:
        """Declare the stage's output whole."""
        path = self._workspace.derived(stage) / "fingerprint.json"
        write_text(json.dumps(fingerprint), path)

    def forget(self, stage: str) -> None:
        """Declare the stage's output unfinished."""
        (self._workspace.derived(stage) / "fingerprint.json").unlink(missing_ok=True)


class Jobs:
    """The stages of one workspace with one set of settings; hold the run lock around it."""

    def __init__(self, settings: Settings, progress: Progress = lambda _stage, _text: None) -> None:
        self.settings = settings
        self.workspace = settings.paths
        self.progress = progress
        self.fingerprints = Fingerprints(self.workspace)
        self._store: GraphStore | None = None

    @contextmanager
    def graph(self) -> Iterator[GraphStore]:
        """The graph store, shared by the stages in one block: a server takes seconds to start."""
        if self._store is not None:
            yield self._store
            return
        with connect(self.settings.graph, self.workspace) as store:
            self._store = store
            try:
                yield store
            finally:
                self._store = None

    def _views(self) -> Views:
        return open_views(
            self.workspace,
            memory_limit=f"{self.settings.memory_gb}GB",
            threads=self.settings.threads,
        )

    def _lake_state(self) -> list[tuple[str, str]]:
        ledger = self.workspace.state_file("intake")
        if not ledger.exists():
            return []
        # Counts belong to the state: rows set aside for a missing reference may come in later.
        return [
            (b.dataset_folder, f"{b.batch}:{b.accepted}") for b in Ledger(self.workspace).batches()
        ]

    def ingest(self, paths: tuple[str, ...] = ()) -> tuple[StageReport, IngestReport]:
        """Take in what is new in the inbox; batches of a lost lake are built again first."""
        started = monotonic()
        self.workspace.create()
        options = IngestOptions(
            paths=paths,
            sources={name: s.model_dump() for name, s in self.settings.sources.items()},
        )
        report = ingest(self.workspace, options, lambda text: self.progress("ingest", text))
        self._keep_report(report)
        taken = [f for f in report.files if not (f.is_known or f.refusal)]
        stage = StageReport(
            "ingest",
            monotonic() - started,
            not taken,
            sum(f.read for f in taken),
            sum(f.accepted for f in taken),
            report.to_json(),
        )
        return stage, report

    def _keep_report(self, report: IngestReport) -> None:
        """What the ledger does not hold: files refused, and folders that no dataset has."""
        document = {
            "refused": [asdict(f) for f in report.files if f.refusal],
            "unknown_folders": list(report.unknown_folders),
        }
        path = self.workspace.derived("ingest") / "report.json"
        write_text(json.dumps(document, ensure_ascii=False), path)

    def resolve(
        self, engine: Engine = BUILT_IN, *, is_full: bool = False
    ) -> tuple[StageReport, ResolveReport | None]:
        """Decide which records are the same entity.

        Parameters
        ----------
        engine
            What compares organisations.
        is_full
            Whether everything is compared anew, even when nothing is new.
        """
        started = monotonic()
        options = ResolveOptions(
            weights=workspace_weights(self.workspace), engine=engine, uses_index=not is_full
        )
        fingerprint = digest(
            "resolve", self._lake_state(), options.fingerprint(self.workspace), program_version()
        )
        if not is_full and self.fingerprints.is_current("resolve", fingerprint):
            return StageReport("resolve", monotonic() - started, True, 0, 0), None
        self.fingerprints.forget("resolve")
        views = self._views()
        try:
            report = resolve(
                self.workspace, views, options, lambda text: self.progress("resolve", text)
            )
        finally:
            views.close()
        self.fingerprints.set("resolve", fingerprint)
        stage = StageReport(
            "resolve",
            monotonic() - started,
            False,
            report.mentions,
            report.entities,
            report.to_json(),
        )
        return stage, report

    def load(self) -> tuple[StageReport, LoadReport | None]:
        """Bring entities, documents and flows into the graph."""
        started = monotonic()
        fingerprint = digest(
            "load", self.fingerprints.read("resolve"), self.settings.graph_uri, program_version()
        )
        with self.graph() as store:
            views = self._views()
            try:
                is_whole = self.fingerprints.is_current("load", fingerprint)
                report = load(
                    self.workspace,
                    views,
                    store,
                    is_current=is_whole,
                    progress=lambda text: self.progress("load", text),
                )
            finally:
                views.close()
        if report is None:
            return StageReport("load", monotonic() - started, True, 0, 0), None
        self.fingerprints.set("load", fingerprint)
        stage = StageReport(
            "load",
            monotonic() - started,
            False,
            report.rows,
            report.written,
            report.to_json(),
        )
        return stage, report

    def detect(
        self, as_of: date | None = None, models: tuple[str, ...] = ()
    ) -> tuple[StageReport, DetectReport | None]:
        """Run the models and open leads; without ``as_of`` on the newest event day.

        Raises
        ------
        UnknownModel
        NoEvents
            When no day is given and nothing in the lake tells one.
        """
        started = monotonic()
        chosen = _chosen(models)
        views = self._views()
        try:
            day = as_of or newest_event_day(views.cursor())
            options = self._detect_options(day)
            fingerprint = self._detect_fingerprint(options, [m.id for m in chosen])
            if self.fingerprints.is_current("detect", fingerprint):
                detail = {"as_of": day.isoformat()}
                return StageReport("detect", monotonic() - started, True, 0, 0, detail), None
            self.fingerprints.forget("detect")
            report = detect(
                self.workspace,
                views,
                chosen,
                options,
                lambda text: self.progress("detect", text),
                self._kept(views, models),
            )
        finally:
            views.close()
        judged = {m.model for m in report.models if m.is_judged}
        synced = self._open_leads(report.findings, judged)
        if not models and not any(m.failure for m in report.models):
            self.fingerprints.set("detect", fingerprint)
        found: dict[str, Any] = {
            "as_of": day.isoformat(),
            "models": [asdict(m) for m in report.models],
            "leads": asdict(synced),
        }
        stage = StageReport(
            "detect", monotonic() - started, False, len(chosen), len(report.findings), found
        )
        return stage, report

    def leads(self) -> StageReport:
        """Bring the leads into the graph; what it holds already stays."""
        started = monotonic()
        self.progress("leads", "写入图谱")
        with Leads.open(self.workspace.state_file("casework")) as leads:
            copies = leads.newest_copies()
        taken = [b.first_taken_at for b in Ledger(self.workspace).batches()]
        newest = max(map(datetime.fromisoformat, taken), default=None)
        updated_at = iso(newest) if newest else None
        with self.graph() as store:
            report = load_leads(store, lead_lines(copies), updated_at=updated_at)
        changed = report.written + report.deleted
        return StageReport(
            "leads",
            monotonic() - started,
            changed == 0,
            report.rows if changed else 0,
            report.written,
            asdict(report),
        )

    def _detect_fingerprint(self, options: DetectOptions, models: list[str]) -> str:
        versions = {m.id: (m.version, m.parameters()) for m in MODELS}
        return digest(
            "detect",
            self.fingerprints.read("resolve"),
            self._lake_state(),
            [(name, versions[name]) for name in models],
            asdict(options),
            program_version(),
        )

    def _kept(self, views: Views, models: tuple[str, ...]) -> list[Finding]:
        if not models:
            return []
        lines = views.cursor().execute("SELECT model, json FROM finding").fetchall()
        return [Finding.from_line(line) for model, line in lines if model not in models]

    def _detect_options(self, day: date) -> DetectOptions:
        given: Mapping[str, Any] = self.settings.models
        return DetectOptions(
            as_of=day,
            states={k: v.state for k, v in given.items() if v.state},
            default_state=self.settings.default_model_state,
            parameters={k: dict(v.parameters) for k, v in given.items() if v.parameters},
        )

    def _open_leads(self, findings: tuple[Finding, ...], judged: set[str]) -> SyncReport:
        views = self._views()
        try:
            with Leads.open(self.workspace.state_file("casework")) as leads:
                return leads.sync(views.cursor(), findings, judged)
        finally:
            views.close()

    def run(self, as_of: date | None = None) -> RunReport:
        """All stages in order; safe to stop at any moment and to start again."""
        first, taken = self.ingest()
        second, _ = self.resolve()
        with self.graph():
            third, _ = self.load()
            try:
                fourth, found = self.detect(as_of)
            except NoEvents:
                # A workspace in which nothing has happened yet is no failure of the run.
                fourth, found = StageReport("detect", 0.0, True, 0, 0), None
            fifth = self.leads()
        has_failures = found is not None and any(m.failure for m in found.models)
        return RunReport(
            as_of=fourth.detail.get("as_of"),
            stages=(first, second, third, fourth, fifth),
            has_refusals=taken.has_refusals or has_failures,
        )


def _chosen(models: tuple[str, ...]) -> tuple[Model[Any], ...]:
    known = {m.id for m in MODELS}
    unknown = [name for name in models if name not in known]
    if unknown:
        raise UnknownModel(
            f"没有模型 {'、'.join(unknown)}；现有：{'、'.join(m.id for m in MODELS)}"
        )
    return in_order(tuple(m for m in MODELS if not models or m.id in models))
