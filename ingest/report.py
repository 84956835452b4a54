"""What happened to each file of an intake."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: ``read = accepted + quarantined``; a refused file has read nothing.

    ``path`` is relative to the inbox, a zip member stands after ``!``. ``reasons`` counts
    quarantined rows by reason code (a row with two reasons counts in both), ``flags`` accepted
    records by flag, ``rows_by_dataset`` records. ``layout`` lists titles, layout rows with their
    lines, sheets and headings passed over and totals that differ.
    """

    path: str
    dataset: str
    sha256: str
    read: int
    accepted: int
    quarantined: int
    reasons: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    rows_by_dataset: dict[str, int] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""
    refusal_code: str = ""
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class IngestReport:
    """All files of an intake and what lay under the inbox where no dataset is.

    ``unknown_folders`` holds names of folders, and of files that lie in no folder of a dataset.
    """

    files: tuple[FileReport, ...]
    unknown_folders: tuple[str, ...]

    @property
    def has_refusals(self) -> bool:
        """Whether anything was refused, quarantined wholesale or left unread."""
        return bool(self.unknown_folders) or any(
            f.refusal or (f.read and not f.accepted) for f in self.files
        )

    def to_json(self) -> dict[str, Any]:
        """Document for ``run --json``."""
        return {
            "files": [asdict(f) for f in self.files],
            "unknown_folders": list(self.unknown_folders),
        }
