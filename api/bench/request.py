"""What a benchmark is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Request:
    """Where a benchmark works and whom it tells.

    ``folder`` is empty and removed by the caller; ``data`` holds public files, ``None`` when there
    are none; ``progress`` is told what is measured now; ``pictures`` is where figures are drawn,
    ``None`` for none.
    """

    folder: Path
    data: Path | None
    progress: Callable[[str, str], None]
    pictures: Path | None = None
