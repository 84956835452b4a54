"""Runs an intake again and again and kills it: started by the crash tests as a program of its own.

Arguments are triples: workspace, failpoint, hit. A failpoint is ``module:attribute`` with ``+`` or
``-``: the run is killed with SIGKILL just after or just before the call of that function, at its
``hit``-th time. The failpoint ``after`` kills ``hit`` milliseconds after the start.
"""

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ingest.drop import IngestOptions, ingest
from ingest.formats.tokens import cut
from records.workspace import Workspace


def die() -> None:
    """What the kernel does to a process that is killed: nothing runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(failpoint: str, hit: int) -> None:
    """Put the failpoint into the function that it names."""
    place, is_after = failpoint[:-1], failpoint.endswith("+")
    module_name, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module_name)
    for part in owners:
        owner = getattr(owner, part)
    original: Callable[..., Any] = getattr(owner, name)
    hits = 0

    def armed(*args: Any, **kwargs: Any) -> Any:
        nonlocal hits
        hits += 1
        if hits == hit and not is_after:
            die()
        result = original(*args, **kwargs)
        if hits == hit:
            die()
        return result

    setattr(owner, name, armed)


def main() -> None:
    """Fork once for each triple; the libraries are loaded only once."""
    given = sys.argv[1:]
    # The compiler's own tables take seconds to load; nothing here starts a thread before the forks.
    cut(np.frombuffer(b"a,b\n", np.uint8), ord(","), is_last=True, line=1)
    for folder, failpoint, hit in zip(given[::3], given[1::3], given[2::3], strict=True):
        child = os.fork()
        if child == 0:
            if failpoint != "after":
                arm(failpoint, int(hit))
            ingest(Workspace(Path(folder)), IngestOptions(), lambda _: None)
            os._exit(0)
        if failpoint == "after":
            time.sleep(int(hit) / 1000)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(folder, failpoint, hit, "killed" if os.WIFSIGNALED(status) else "ended", flush=True)


if __name__ == "__main__":
    main()
