"""The inbox: what is new is taken in, file by file, each whole or not at all.

A batch is staged, renamed into the lake and then committed by one transaction of the ledger.
Every processing is an event; a lake that was lost is built again by replaying the events in order,
each seeing the lake as it was then, so that the bytes are the same.
"""

import errno
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.arrivals import Arrival, read_inbox, refused
from ingest.batch import PACKET_FOLDERS, lookup_datasets, stage
from ingest.convert import ConvertContext
from ingest.defaults import LOOKUPS, References
from ingest.errors import IngestError, SourceError
from ingest.report import FileReport, IngestReport
from records.clock import shanghai_iso, utc_instant
from records.contract import load_contract
from records.errors import RebuildRefused
from records.intake import BatchOutcome, BatchRecord, Event, Ledger
from records.lake import REPORT, ROWS, StagedBatch, remove_debris
from records.supersede import supersede
from records.views import connect_memory
from records.workspace import Workspace

NAMED_FILES = 50


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What the door decides.

    ``paths`` limits the intake to these files and folders (empty: all); ``sources`` gives the
    settings ``crs``, ``source_system`` and ``units`` by folder.
    """

    paths: tuple[str, ...] = ()
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


def ingest(
    workspace: Workspace, options: IngestOptions, progress: Callable[[str], None]
) -> IngestReport:
    """Take in what is new in the inbox; build the lake again first if it was lost.

    The caller holds the run lock of the workspace.

    Raises
    ------
    RebuildRefused
        When the lake must be built again and inbox files are missing; all are named.
    IngestError
        When a path of ``options`` does not lie in the inbox, or the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="jinghuan-") as scratch:
        drop = _Drop(workspace, options, progress, Path(scratch))
        try:
            with _disk_full_said(workspace):
                return drop.run()
        finally:
            drop.close()


@contextmanager
def _disk_full_said(workspace: Workspace) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.IOException, pl.exceptions.ComputeError) as error:
        is_full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
        if not is_full:
            raise
        raise IngestError(
            f"工作区 {workspace.root} 所在磁盘已满；已接入的批次完好，"
            "未完成的批次未写入。请腾出空间后重新运行"
        ) from error


class _Drop:
    """One intake over one workspace; ``visible`` is what lookups may see so far."""

    def __init__(
        self,
        workspace: Workspace,
        options: IngestOptions,
        progress: Callable[[str], None],
        scratch: Path,
    ) -> None:
        self._workspace = workspace
        self._options = options
        self._progress = progress
        self._scratch = scratch
        self._ledger = Ledger(workspace)
        self._connection = connect_memory("512MB", 2)
        self._connection.execute(f"SET temp_directory = '{scratch / 'spill'}'")
        self._visible: dict[tuple[str, str], tuple[str, ...]] = {}

    def close(self) -> None:
        """Release the connection and its memory."""
        self._connection.close()

    def run(self) -> IngestReport:
        """The whole intake."""
        known = {(b.dataset_folder, b.batch): b for b in self._ledger.batches()}
        remove_debris(self._workspace, _folders(known.values()))
        content = read_inbox(self._workspace, self._options.paths, self._progress)
        reports = list(content.refused)
        rebuilt = self._restore(known)
        self._visible = {place: b.datasets for place, b in known.items()}
        fresh: list[Arrival] = []
        for arrival in content.arrivals:
            record = known.get(arrival.place) or self._twin(arrival, known)
            if record is None:
                fresh.append(arrival)
            elif arrival.place in rebuilt:
                reports.append(rebuilt.pop(arrival.place))
            else:
                reports.append(self._known_report(record, arrival))
        reports += rebuilt.values()
        for number, arrival in enumerate(fresh, start=1):
            self._progress(f"{number}/{len(fresh)} {arrival.shown}")
            reports.append(self._take(arrival))
        again = self._retry()
        reports = [again.pop((r.dataset, r.sha256), r) for r in reports]
        reports += again.values()
        supersede(self._workspace, self._connection, self._ledger)
        return IngestReport(tuple(reports), content.unknown)

    def _take(self, arrival: Arrival) -> FileReport:
        """Take one file in: stage, rename, commit. A refusal leaves nothing behind."""
        record = self._ledger.find(*arrival.place)
        if record is not None:
            return self._known_report(record, arrival)
        event = self._event(self._ledger.next_event(), arrival.place)
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        taken_at = shanghai_iso(now)
        try:
            report, outcome = self._process(arrival, event, now)
        except SourceError as error:
            return refused(arrival, error)
        self._ledger.commit(event, arrival.shown, taken_at, outcome)
        self._visible[arrival.place] = outcome.datasets
        return report

    def _process(
        self, arrival: Arrival, event: Event, taken_at: datetime
    ) -> tuple[FileReport, BatchOutcome]:
        """Stage a file and put it in its place; committing it is the caller's.

        ``taken_at`` is the time of the first intake, so that a rebuild sees the calendar as it was.
        """
        staged = StagedBatch(self._workspace, arrival.folder, arrival.sha256)
        try:
            file = arrival.file(self._scratch)
            context = self._context(event, taken_at)
            report, outcome = stage(arrival, file, staged, context, self._connection, event.number)
            staged.publish()
        except OSError as error:
            staged.discard()
            if error.errno == errno.ENOSPC:
                raise
            raise SourceError(
                "unreadable",
                f"文件 {arrival.shown} 无法读取（{error.strerror}）；请检查文件权限和磁盘",
            ) from error
        except BaseException:
            staged.discard()
            raise
        finally:
            if arrival.member is not None:
                for path in self._scratch.glob(f"{arrival.sha256}-*"):
                    path.unlink()
        return report, outcome

    def _event(self, number: int, place: tuple[str, str]) -> Event:
        settings = self._options.sources.get(place[0], {})
        text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
        return Event(number, place[0], place[1], text)

    def _context(self, event: Event, taken_at: datetime) -> ConvertContext:
        given = json.loads(event.settings)
        tables = {n: self._lookup_table(n) for n in sorted(lookup_datasets(event.dataset_folder))}
        return ConvertContext(
            crs=str(given.get("crs", "")),
            source_system=str(given.get("source_system", "")),
            units=dict(given.get("units", {})),
            references=References(tables),
            taken_at=taken_at,
        )

    def _lookup_table(self, name: str) -> pl.DataFrame:
        """Columns that lookups read, over the batches seen so far in order of intake."""
        rules = [rule for rule in LOOKUPS.values() if rule.dataset == name]
        columns = sorted({rule.target for rule in rules} | {o for r in rules for _, o in r.keys})
        paths = [
            self._workspace.batch(name, batch) / ROWS
            for (_, batch), datasets in self._visible.items()
            if name in datasets
        ]
        schema = load_contract().dataset(name).schema
        empty = pl.DataFrame(schema={column: schema[column] for column in columns})
        return pl.concat([empty, *(pl.read_parquet(path, columns=columns) for path in paths)])

    def _known_report(self, record: BatchRecord, arrival: Arrival) -> FileReport:
        """The report of the first intake, under the path at which the bytes lie now."""
        text = self._ledger.report(record.dataset_folder, record.batch)
        return replace(FileReport(**json.loads(text)), path=arrival.shown, is_known=True)

    def _twin(
        self, arrival: Arrival, known: dict[tuple[str, str], BatchRecord]
    ) -> BatchRecord | None:
        """The same packet log in another folder: packets go where they belong, not by folder."""
        if arrival.folder not in PACKET_FOLDERS:
            return None
        for folder in PACKET_FOLDERS:
            record = known.get((folder, arrival.sha256))
            if record is not None and record.datasets != (folder,):
                return record
        return None

    def _retry(self) -> dict[tuple[str, str], FileReport]:
        """Process batches again whose rows missed a reference that came after them."""
        done: dict[tuple[str, str], FileReport] = {}
        events = self._ledger.last_event()
        waiting = []
        for record, wanted in self._ledger.waiting():
            place = (record.dataset_folder, record.batch)
            newest = max(
                (e for p, e in events.items() if wanted & set(self._visible.get(p, ()))), default=0
            )
            if newest > events[place]:
                waiting.append(record)
        arrivals = self._inbox_by_place() if waiting else {}
        for record in waiting:
            arrival = arrivals.get((record.dataset_folder, record.batch))
            if arrival is None:
                self._progress(f"{record.path} 已不在收件目录，无法重试其中未能对应的行")
                continue
            self._progress(f"重试 {record.path}")
            event = self._event(self._ledger.next_event(), arrival.place)
            self._ledger.announce(event)
            done[arrival.place] = self._again(
                replace(arrival, shown=record.path), event, utc_instant(record.first_taken_at)
            )
        return done

    def _again(self, arrival: Arrival, event: Event, taken_at: datetime) -> FileReport:
        """Finish an announced second processing."""
        try:
            report, outcome = self._process(arrival, event, taken_at)
        except SourceError as error:
            self._ledger.withdraw(event)
            return refused(arrival, error)
        self._ledger.finish(event, outcome)
        self._visible[arrival.place] = outcome.datasets
        return report

    def _inbox_by_place(self) -> dict[tuple[str, str], Arrival]:
        content = read_inbox(self._workspace, (), self._progress)
        return {arrival.place: arrival for arrival in reversed(content.arrivals)}

    def _restore(
        self, known: dict[tuple[str, str], BatchRecord]
    ) -> dict[tuple[str, str], FileReport]:
        """Bring the lake to what the ledger says; reports of batches that were built again."""
        self._visible = {place: record.datasets for place, record in known.items()}
        halted = self._ledger.unfinished()
        events = self._ledger.last_event()
        open_places = {(e.dataset_folder, e.batch) for e in halted}
        lost = {
            place
            for place, record in known.items()
            if place not in open_places and self._event_in_lake(record) != events[place]
        }
        if not lost and not halted:
            return {}
        arrivals = self._inbox_by_place()
        if not lost and all(place in arrivals for place in open_places):
            for event in halted:
                place = (event.dataset_folder, event.batch)
                arrival = replace(arrivals[place], shown=known[place].path)
                self._again(arrival, event, utc_instant(known[place].first_taken_at))
            return {}
        missing = [b.path for place, b in known.items() if place not in arrivals]
        if missing:
            more = "等" if len(missing) > NAMED_FILES else ""
            raise RebuildRefused(
                f"数据湖需要重建，但收件目录缺少 {len(missing)} 个已接入的文件："
                f"{'、'.join(missing[:NAMED_FILES])}{more}；请把它们放回 inbox/ 后再运行"
            )
        return self._replay(known, arrivals)

    def _event_in_lake(self, record: BatchRecord) -> int:
        """Number of the event whose outcome lies in the lake; 0 when it is not whole."""
        report = self._workspace.batch(record.dataset_folder, record.batch) / REPORT
        files = [self._workspace.batch(name, record.batch) / ROWS for name in record.datasets]
        if not report.exists() or not all(file.exists() for file in files):
            return 0
        try:
            return int(json.loads(report.read_text(encoding="utf-8"))["event"])
        except (ValueError, KeyError):
            return 0

    def _replay(
        self, known: dict[tuple[str, str], BatchRecord], arrivals: dict[tuple[str, str], Arrival]
    ) -> dict[tuple[str, str], FileReport]:
        """Process all events again in order, from an empty lake."""
        remove_debris(self._workspace, ())
        self._visible = {}
        reports: dict[tuple[str, str], FileReport] = {}
        outcomes: dict[tuple[str, str], tuple[Event, BatchOutcome]] = {}
        events = [*self._ledger.events(), *self._ledger.unfinished()]
        for number, event in enumerate(sorted(events, key=lambda e: e.number), start=1):
            place = (event.dataset_folder, event.batch)
            arrival = replace(arrivals[place], shown=known[place].path)
            self._progress(f"重建 {number}/{len(events)} {arrival.shown}")
            try:
                taken_at = utc_instant(known[place].first_taken_at)
                report, outcome = self._process(arrival, event, taken_at)
            except SourceError as error:
                raise RebuildRefused(
                    f"数据湖需要重建，但已接入的文件 {arrival.shown} 现在无法接入：{error}"
                ) from error
            self._visible[place] = outcome.datasets
            reports[place], outcomes[place] = report, (event, outcome)
        self._ledger.restate(outcomes.values())
        return reports


def _folders(records: Iterable[BatchRecord]) -> set[tuple[str, str]]:
    """(dataset, batch) of every folder in the lake that some batch answers for."""
    return {
        (name, record.batch)
        for record in records
        for name in (record.dataset_folder, *record.datasets)
    }
