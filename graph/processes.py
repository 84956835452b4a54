"""Is a process still the one we knew? Process ids are reused, so an id alone proves nothing."""

import os
from dataclasses import dataclass
from pathlib import Path

_STATE, _START = 0, 19  # fields of /proc/<pid>/stat after the command's closing parenthesis


def _fields(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


@dataclass(frozen=True, slots=True)
class Process:
    """A process by id and start mark; the mark is empty where the system does not tell it."""

    pid: int
    start: str

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has ``pid`` now."""
        fields = _fields(pid)
        return cls(pid, fields[_START] if fields else "")

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        if Path("/proc/self/stat").exists():
            fields = _fields(self.pid)
            return bool(
                fields and fields[_STATE] not in ("Z", "X") and fields[_START] == self.start
            )
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def signal(self, number: int) -> None:
        """Send a signal; a process that is gone already is no error."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return


def has_argument(pid: int, argument: str) -> bool:
    """Whether the running process ``pid`` was started with ``argument`` on its command line."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return argument.encode() in line.split(b"\0")
