"""What lies in the inbox: files and zip members by folder, hashed, in the order of intake."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.defaults import LOOKUPS
from ingest.errors import IngestError, SourceError
from ingest.formats.archive import Member, members, unpack
from ingest.formats.detect import detect
from ingest.report import FileReport
from records.contract import PACKETS, load_contract
from records.workspace import Workspace

LEFT_ALONE = (".part", ".tmp")
HIDDEN = (".", "~$")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file of a folder, or a member of a zip there; ``shown`` is its path below the inbox."""

    folder: str
    shown: str
    path: Path
    sha256: str
    member: Member | None = None

    @property
    def place(self) -> tuple[str, str]:
        """What makes a batch: folder and bytes."""
        return self.folder, self.sha256

    def file(self, scratch: Path) -> Path:
        """The file itself; a zip member is unpacked into ``scratch`` first.

        Raises
        ------
        SourceError
            When the archive is damaged.
        """
        if self.member is None:
            return self.path
        target = scratch / f"{self.sha256}-{self.member.place}"
        unpack(self.path, self.shown, self.member, target)
        return target


@dataclass(frozen=True, slots=True)
class InboxContent:
    """Arrivals in order of intake, files refused unread, and what lies where no dataset is."""

    arrivals: tuple[Arrival, ...]
    refused: tuple[FileReport, ...]
    unknown: tuple[str, ...]


def refused(arrival: Arrival, error: SourceError) -> FileReport:
    """Report of a file of which nothing was taken in."""
    return FileReport(
        arrival.shown,
        arrival.folder,
        arrival.sha256,
        0,
        0,
        0,
        refusal=str(error),
        refusal_code=error.code,
    )


@cache
def folder_rank() -> dict[str, int]:
    """Order of folders within a run: reference tables, then what others look up, then the rest.

    Among the looked-up ones a dataset comes after those that it refers to.
    """
    datasets = load_contract().datasets
    targets = {
        name: {c.refers_to.partition(".")[0] for c in d.columns if c.refers_to} - {name}
        for name, d in datasets.items()
    }
    for (name, _), rule in LOOKUPS.items():
        targets[name].add(rule.dataset)
    looked_up = {t for group in targets.values() for t in group if t in datasets}
    depth: dict[str, int] = {}

    def visit(name: str, above: tuple[str, ...]) -> int:
        if name not in depth:
            below = [
                visit(t, (*above, name))
                for t in sorted(targets[name])
                if t in looked_up and t not in (*above, name)
            ]
            depth[name] = 1 + max(below, default=0)
        return depth[name]

    ranks = {name: visit(name, ()) for name in sorted(looked_up)}
    last = max(ranks.values(), default=0) + 1
    order = {name: ranks.get(name, last) for name in datasets}
    order |= {name: 0 for name, dataset in datasets.items() if dataset.agency == "reference"}
    return {**order, PACKETS: last}


def read_inbox(
    workspace: Workspace, paths: Iterable[str], progress: Callable[[str], None]
) -> InboxContent:
    """All files of the inbox, or those among ``paths`` (files or folders).

    Raises
    ------
    IngestError
        When one of ``paths`` does not lie in the inbox.
    """
    inbox = workspace.inbox.resolve()
    wanted = [Path(path).resolve() for path in paths]
    for path in wanted:
        if not path.is_relative_to(inbox) or not path.exists():
            raise IngestError(
                f"{path} 不在收件目录 {inbox} 中或不存在；请先把文件放进 inbox/<数据集>/ 再接入"
            )
    arrivals: list[Arrival] = []
    reports: list[FileReport] = []
    unknown: list[str] = []
    for folder in sorted(inbox.iterdir()) if inbox.exists() else []:
        if folder.name.startswith(HIDDEN):
            continue
        if not folder.is_dir() or folder.name not in folder_rank():
            if not wanted and not folder.name.endswith(LEFT_ALONE):
                unknown.append(folder.name)
            continue
        for path in sorted(folder.iterdir()):
            if path.name.startswith(HIDDEN) or path.name.lower().endswith(LEFT_ALONE):
                continue
            if wanted and not any(path.is_relative_to(each) for each in wanted):
                continue
            if path.is_dir():
                unknown.append(f"{folder.name}/{path.name}")
                continue
            progress(f"核对 {folder.name}/{path.name}")
            found, failed = _file(folder.name, path)
            arrivals += found
            reports += failed
    rank = folder_rank()
    arrivals.sort(key=lambda a: (rank[a.folder], a.shown))
    return InboxContent(tuple(arrivals), tuple(reports), tuple(unknown))


def _file(folder: str, path: Path) -> tuple[list[Arrival], list[FileReport]]:
    """The arrivals of one file, or the report of its refusal."""
    shown = f"{folder}/{path.name}"
    whole = Arrival(folder, shown, path, "")
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        whole = Arrival(folder, shown, path, digest)
        if not _is_archive(path, shown):
            return [whole], []
        return [
            Arrival(folder, f"{shown}!{member.name}", path, member.sha256, member)
            for member in members(path, shown)
        ], []
    except SourceError as error:
        return [], [refused(whole, error)]
    except OSError as error:
        reason = SourceError(
            "unreadable", f"文件 {shown} 无法读取（{error.strerror}）；请检查文件权限和磁盘"
        )
        return [], [refused(whole, reason)]


def _is_archive(path: Path, shown: str) -> bool:
    with path.open("rb") as handle:
        is_zip = handle.read(2) == b"PK"
    return is_zip and detect(path, shown) == "archive"
