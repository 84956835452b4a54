"""Whether the agencies' files arrived whole: per dataset, per file, and the rows set aside."""

import json
from dataclasses import dataclass

import polars as pl

from api.errors import NotFound
from api.identity.caller import Caller
from api.services import Services
from casework.evidence import AGENCY_ZH
from records.contract import load_contract
from records.intake import BatchRecord, Ledger
from records.lake import QUARANTINE
from records.masking import level_of, mask_text, mask_value
from viz.words import dataset_text

MOST = 200
GATE_RATIO = 0.95


@dataclass(frozen=True, slots=True)
class FileIntake:
    """One file of the inbox; ``reasons`` counts quarantined rows by reason code.

    A refused file has no batch and nothing read; ``taken_at`` is RFC 3339.
    """

    dataset: str
    batch: str
    path: str
    taken_at: str
    read: int
    accepted: int
    quarantined: int
    reasons: dict[str, int]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class DatasetIntake:
    """All files of one dataset together; ``last`` is the one taken in last."""

    dataset: str
    dataset_zh: str
    agency: str
    agency_zh: str
    files: int
    read: int
    accepted: int
    quarantined: int
    reasons: dict[str, int]
    last: FileIntake

    @property
    def accepted_ratio(self) -> float:
        """Accepted rows to rows read, 1 when nothing was read."""
        return self.accepted / self.read if self.read else 1.0

    @property
    def is_below_gate(self) -> bool:
        """Whether findings that rest on this data are held back (RULINGS 13)."""
        return self.accepted_ratio < GATE_RATIO


@dataclass(frozen=True, slots=True)
class IntakeStatus:
    """The state of intake; ``refused`` and ``unknown_folders`` are those of the last run."""

    datasets: tuple[DatasetIntake, ...]
    missing: tuple[str, ...]
    refused: tuple[FileIntake, ...]
    unknown_folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row set aside: where it stands, why, and its cells with L4 values masked."""

    row: int
    sheet: str | None
    line: int | None
    reasons: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """How a column is to be delivered: headings, type, unit, whether it must be there."""

    name: str
    heading_zh: str
    headings: tuple[str, ...]
    type: str
    unit: str
    is_required: bool
    notes: str


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """Quarantined rows of one file beside the form that was expected."""

    file: FileIntake
    items: tuple[QuarantinedRow, ...]
    next: int | None
    expected: tuple[ColumnForm, ...]


def read_intake(services: Services, caller: Caller) -> IntakeStatus:
    """The state of intake by agency and dataset.

    Raises
    ------
    Forbidden
        For roles that read no business data.
    """
    caller.require("L2", "接入情况")
    contract = load_contract()
    by_dataset: dict[str, list[BatchRecord]] = {}
    for record in Ledger(services.workspace).batches():
        by_dataset.setdefault(record.dataset_folder, []).append(record)
    order = list(contract.datasets)
    known = sorted(by_dataset, key=lambda name: order.index(name) if name in order else len(order))
    refused, unknown = _last_run(services)
    return IntakeStatus(
        tuple(_dataset(name, by_dataset[name]) for name in known),
        tuple(name for name in order if name not in by_dataset),
        refused,
        unknown,
    )


def list_files(
    services: Services, caller: Caller, dataset: str = "", after: int = 0, limit: int = 100
) -> tuple[tuple[FileIntake, ...], int | None]:
    """Files newest first; ``after`` is the ``next`` of the page before.

    Raises
    ------
    Forbidden
    """
    caller.require("L2", "接入情况")
    records = [
        record
        for record in reversed(Ledger(services.workspace).batches())
        if dataset in ("", record.dataset_folder)
    ]
    limit = max(1, min(limit, MOST))
    page = records[after : after + limit]
    following = after + limit if len(records) > after + limit else None
    return tuple(_file(record) for record in page), following


def read_quarantine(
    services: Services, caller: Caller, dataset: str, batch: str, after: int = 0, limit: int = 50
) -> QuarantinePage:
    """Rows of one file that were set aside, in file order.

    Raises
    ------
    NotFound
        When no such file was taken in.
    Forbidden
    """
    caller.require("L2", "隔离行")
    record = Ledger(services.workspace).find(dataset, batch)
    if record is None:
        raise NotFound(f"没有接入过批次 {dataset}/{batch}")
    services.record(caller, "quarantine.read", f"{dataset}/{batch[:12]}")
    limit = max(1, min(limit, MOST))
    path = services.workspace.batch(dataset, batch) / QUARANTINE
    rows: list[dict[str, object]] = []
    if path.exists():
        frame = pl.scan_parquet(path).filter(pl.col("row") > after).sort("row").head(limit + 1)
        rows = frame.collect().to_dicts()
    shown = tuple(_quarantined(caller, dataset, row) for row in rows[:limit])
    return QuarantinePage(
        _file(record),
        shown,
        shown[-1].row if len(rows) > limit else None,
        _expected(dataset),
    )


def _dataset(name: str, records: list[BatchRecord]) -> DatasetIntake:
    contract = load_contract()
    agency = contract.datasets[name].agency if name in contract.datasets else "ecology"
    zh = dataset_text(name)
    reasons: dict[str, int] = {}
    for record in records:
        for reason, count in record.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    return DatasetIntake(
        dataset=name,
        dataset_zh=zh,
        agency=agency,
        agency_zh=AGENCY_ZH.get(agency, agency),
        files=len(records),
        read=sum(r.read for r in records),
        accepted=sum(r.accepted for r in records),
        quarantined=sum(r.quarantined for r in records),
        reasons=dict(sorted(reasons.items())),
        last=_file(records[-1]),
    )


def _file(record: BatchRecord) -> FileIntake:
    return FileIntake(
        dataset=record.dataset_folder,
        batch=record.batch,
        path=record.path,
        taken_at=record.first_taken_at,
        read=record.read,
        accepted=record.accepted,
        quarantined=record.quarantined,
        reasons=dict(record.reasons),
    )


def _last_run(services: Services) -> tuple[tuple[FileIntake, ...], tuple[str, ...]]:
    path = services.workspace.derived("ingest") / "report.json"
    if not path.exists():
        return (), ()
    report = json.loads(path.read_text(encoding="utf-8"))
    refused = tuple(
        FileIntake(f["dataset"], f["sha256"], f["path"], "", 0, 0, 0, {}, f["refusal"])
        for f in report["refused"]
    )
    return refused, tuple(report["unknown_folders"])


def _quarantined(caller: Caller, dataset: str, row: dict[str, object]) -> QuarantinedRow:
    line = row["line"]
    reasons, columns = row["reasons"], row["columns"]
    return QuarantinedRow(
        row=int(str(row["row"])),
        sheet=None if row["sheet"] is None else str(row["sheet"]),
        line=None if line is None else int(str(line)),
        reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else (),
        columns=tuple(map(str, columns)) if isinstance(columns, list) else (),
        cells=_cells(caller, dataset, str(row["raw"] or "")),
    )


def _cells(caller: Caller, dataset: str, raw: str) -> dict[str, str | None]:
    """Cells of a row set aside; above the caller's level they are masked whole."""
    try:
        found = json.loads(raw)
    except ValueError:
        return {"": mask_text(raw)}
    if not isinstance(found, dict):
        return {"": mask_text(raw)}
    return {
        str(heading): None if value is None else _cell(caller, dataset, str(heading), str(value))
        for heading, value in found.items()
    }


def _cell(caller: Caller, dataset: str, heading: str, value: str) -> str:
    level = level_of(dataset, heading) if dataset in load_contract().datasets else "L3"
    if level == "L4" or not caller.reads(level):
        return mask_value(value)
    return mask_text(value) if level == "L3" else value


def _expected(dataset: str) -> tuple[ColumnForm, ...]:
    datasets = load_contract().datasets
    if dataset not in datasets:
        return ()
    return tuple(
        ColumnForm(
            c.name,
            c.heading_zh,
            c.headings,
            c.base_type,
            c.unit,
            c.is_required,
            c.notes,
        )
        for c in datasets[dataset].columns
    )
