"""One file into one staged batch: read, understood, finished, counted."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from ingest.arrivals import Arrival
from ingest.convert import ConvertContext, convert
from ingest.defaults import needed_datasets
from ingest.errors import SourceError
from ingest.finish import finish_file
from ingest.formats.delimited import DelimitedTable
from ingest.formats.detect import Format, detect
from ingest.formats.hj212.reader import DATASETS as PACKET_DATASETS
from ingest.formats.hj212.reader import read_packets
from ingest.formats.jsonl import JsonLinesTable
from ingest.formats.piece import Piece
from ingest.formats.workbook import workbook_tables
from ingest.layout import Layout
from ingest.report import FileReport
from ingest.tabular import table_pieces
from records.contract import PACKETS, QUARANTINE_SCHEMA, Dataset, load_contract
from records.intake import BatchOutcome
from records.lake import StagedBatch

UNRESOLVED = "unresolved_key"
PACKET_FOLDERS = (PACKETS, "obs_rtd", "obs_minute", "obs_hour", "obs_day", "device_event")


@dataclass(slots=True)
class _Counts:
    read: int
    accepted: int
    quarantined: int
    reasons: Counter[str]
    flags: Counter[str]
    rows: Counter[str]
    signed_ratios: set[str] = field(default_factory=set)


def stage(
    arrival: Arrival,
    file: Path,
    staged: StagedBatch,
    context: ConvertContext,
    connection: duckdb.DuckDBPyConnection,
    event: int,
) -> tuple[FileReport, BatchOutcome]:
    """Read a file into a staged batch.

    Parameters
    ----------
    file
        The bytes of the arrival.
    context
        Source settings and tables for lookups.
    event
        Number of the event, kept in the batch report.

    Raises
    ------
    SourceError
        When the file is refused; the staged batch is to be discarded then.
    """
    layout = Layout()
    counts = _Counts(0, 0, 0, Counter(), Counter(), Counter())
    kind = detect(file, arrival.shown)
    for piece in _pieces(kind, arrival, file, layout, connection):
        _take(piece, staged, context, counts)
    if not counts.read:
        raise SourceError(
            "empty", f"文件 {arrival.shown} 只有表头或版面行，没有数据；请确认导出条件后重新投递"
        )
    if counts.read != counts.accepted + counts.quarantined:
        raise SourceError(
            "count_mismatch",
            f"文件 {arrival.shown}：读入 {counts.read} 行，接收 {counts.accepted} 行，"
            f"隔离 {counts.quarantined} 行，合计不符；该文件未接入，请交给系统管理员",
        )
    for name, chunks in staged.chunks.items():
        dataset = load_contract().dataset(name)
        target = staged.target(name)
        finish_file(connection, chunks, target, dataset, frozenset(counts.signed_ratios))
        counts.flags.update(_flag_counts(connection, target))
    staged.write_quarantine()
    report = FileReport(
        path=arrival.shown,
        dataset=arrival.folder,
        sha256=arrival.sha256,
        read=counts.read,
        accepted=counts.accepted,
        quarantined=counts.quarantined,
        reasons=dict(sorted(counts.reasons.items())),
        flags=dict(sorted(counts.flags.items())),
        rows_by_dataset=dict(sorted(counts.rows.items())),
        layout=layout.to_json(),
    )
    text = json.dumps(asdict(report) | {"event": event}, ensure_ascii=False, indent=1)
    staged.write_report(text)
    return report, _outcome(report, tuple(sorted(staged.chunks)))


def _pieces(
    kind: Format,
    arrival: Arrival,
    file: Path,
    layout: Layout,
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[Piece]:
    shown = arrival.shown
    if kind == "hj212" and arrival.folder in PACKET_FOLDERS:
        return read_packets(file, shown, layout)
    if arrival.folder == PACKETS:
        raise SourceError(
            "unsupported_format",
            f"文件 {shown} 不是 HJ 212 报文日志（没有以 ## 开头的报文）；请投入对应数据集的目录",
        )
    dataset = load_contract().dataset(arrival.folder)
    match kind:
        case "workbook":
            return table_pieces(workbook_tables(file, shown), dataset, shown, layout)
        case "jsonl":
            return table_pieces([JsonLinesTable(file, shown, connection)], dataset, shown, layout)
        case "delimited":
            return table_pieces([DelimitedTable(file, shown)], dataset, shown, layout)
        case "archive":
            raise SourceError(
                "unsupported_format", f"{shown} 是压缩包内的压缩包；请解开一层后重新投递"
            )
        case "hj212":
            raise SourceError(
                "unsupported_format",
                f"文件 {shown} 是 HJ 212 报文日志，不属于 {dataset.name_zh}；"
                f"请投入 inbox/{PACKETS}/",
            )


def _take(piece: Piece, staged: StagedBatch, context: ConvertContext, counts: _Counts) -> None:
    """Add one piece to the staged batch and to the counts."""
    counts.read += piece.read
    counts.accepted += piece.accepted
    held = piece.quarantine
    records = dict(piece.records)
    if piece.chunk is not None and piece.chunk.frame.height:
        dataset = piece.chunk.dataset
        converted = convert(piece.chunk, context)
        records[dataset.name] = converted.records
        counts.signed_ratios |= converted.signed_ratios | {
            name for name, unit in piece.chunk.headings.units.items() if unit
        }
        counts.accepted += converted.records["row"].n_unique()
        more = converted.quarantine
        if piece.raw_text is not None and more.height:
            texts = piece.raw_text(more["row"].to_list())
            more = more.with_columns(pl.Series("raw", texts, dtype=pl.String))
        held = pl.concat([held, more.select(list(QUARANTINE_SCHEMA))]).sort("row")
    counts.quarantined += held["row"].n_unique()
    counts.reasons.update(_tally(held["reasons"].explode()))
    staged.add_quarantine(held)
    for name, frame in records.items():
        counts.rows[name] += frame.height
        staged.add_records(name, frame)


def _tally(codes: pl.Series) -> dict[str, int]:
    return {str(code): int(count) for code, count in codes.drop_nulls().value_counts().rows()}


def _flag_counts(connection: duckdb.DuckDBPyConnection, rows: Path) -> dict[str, int]:
    """Flags of the finished rows, those that only the whole file tells included."""
    found = connection.execute(
        "SELECT flag.code, count(*) FROM (SELECT unnest(flags) AS flag FROM read_parquet(?))"
        " GROUP BY ALL ORDER BY ALL",
        [str(rows)],
    ).fetchall()
    return {str(code): int(count) for code, count in found if code}


def _outcome(report: FileReport, datasets: tuple[str, ...]) -> BatchOutcome:
    waits: set[str] = set()
    if UNRESOLVED in report.reasons and report.dataset in load_contract().datasets:
        waits = needed_datasets(load_contract().dataset(report.dataset))
    return BatchOutcome(
        read=report.read,
        accepted=report.accepted,
        quarantined=report.quarantined,
        datasets=datasets,
        reasons=report.reasons,
        waits_for=tuple(sorted(waits)),
        report=json.dumps(asdict(report), ensure_ascii=False, sort_keys=True),
    )


def lookup_datasets(folder: str) -> set[str]:
    """Datasets that must be at hand to understand files of a folder."""
    if folder not in load_contract().datasets:
        return set()
    return needed_datasets(load_contract().dataset(folder))


def packet_datasets(folder: str) -> tuple[str, ...]:
    """Datasets that packets in a folder may fill, none where packets are not taken."""
    return PACKET_DATASETS if folder in PACKET_FOLDERS else ()


def dataset_of(folder: str) -> Dataset | None:
    """The dataset that a folder is named after; ``None`` for the folder of packet logs."""
    return load_contract().datasets.get(folder)
