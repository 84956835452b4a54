"""Time and memory of a command as its own process, with all that it started."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from graph.server_state import StateFile

SAMPLE_S = 0.1
KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: exit code, what it printed, seconds, and peak resident memory in MiB.

    ``peak_mib`` is of the command's own process, ``peak_tree_mib`` the largest sum over it and its
    descendants at one moment (the embedded graph server among them).
    """

    exit_code: int
    output: str
    seconds: float
    peak_mib: float
    peak_tree_mib: float


def _status(pid: int) -> Mapping[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def _mib(status: Mapping[str, str], field: str) -> float:
    return int(status.get(field, "0 kB").split()[0]) / KIB_PER_MIB


def _tree(root: int) -> set[int]:
    """``root`` and its living descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parents[int(entry.name)] = int(_status(int(entry.name)).get("PPid", "0"))
    found = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


class _Sampler(Thread):
    """Looks at a process tree until told to stop."""

    def __init__(self, pid: int, graph: Path | None) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._server = StateFile(graph) if graph else None
        self._done = Event()
        self.own = self.tree = 0.0

    def run(self) -> None:
        """Sample until :meth:`finish`."""
        while not self._done.wait(SAMPLE_S):
            pids = _tree(self._pid)
            # The graph server is shared, so it is nobody's child.
            state = self._server.read() if self._server else None
            statuses = {pid: _status(pid) for pid in (pids | {state.server.pid} if state else pids)}
            self.own = max(self.own, _mib(statuses.get(self._pid, {}), "VmHWM"))
            self.tree = max(self.tree, sum(_mib(s, "VmRSS") for s in statuses.values()))

    def finish(self) -> None:
        """Stop sampling."""
        self._done.set()
        self.join()


def run_program(arguments: Sequence[str], graph: Path | None = None) -> Measured:
    """Run ``jinghuan`` with ``arguments`` in a process of its own.

    ``graph`` is the folder of the embedded store whose server counts as well. Memory is read from
    ``/proc``; on a system without it both peaks are 0.
    """
    started = monotonic()
    process = subprocess.Popen(  # noqa: S603 - the interpreter and arguments of the benchmark
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    sampler = _Sampler(process.pid, graph)
    if Path("/proc/self/status").exists():
        sampler.start()
    output, _ = process.communicate()
    seconds = monotonic() - started
    if sampler.is_alive():
        sampler.finish()
    return Measured(process.returncode, output, seconds, sampler.own, sampler.tree)
