"""Stops the embedded server when every process that used it has died without saying so.

A process that leaves in order stops the server itself when it is the last one. One that is killed
cannot; this small watcher, started beside the server, does it for them.
"""

import sys
from pathlib import Path
from time import sleep

from graph.processes import Process
from graph.server_state import StateFile, folder_lock, stop

INTERVAL_S = 1.0


def is_watch_over(folder: Path, server: Process) -> bool:
    """Look once: ends a server without users; true when ``server`` is no longer to be watched."""
    states = StateFile(folder)
    if not folder.exists():
        stop(server)
        return True
    with folder_lock(states.lock_path):
        state = states.read()
        if state is None or state.server != server or not server.is_alive:
            # Started by someone who died before writing the file, or replaced already.
            if server.is_alive:
                stop(server)
            return True
        living = state.living()
        if living.attached:
            if living != state:
                states.write(living)
            return False
        stop(server)
        states.remove()
        return True


def main() -> None:
    """Watch the server with process id ``argv[2]`` of the folder ``argv[1]``."""
    folder, server = Path(sys.argv[1]), Process.of(int(sys.argv[2]))
    while server.is_alive:
        sleep(INTERVAL_S)
        if is_watch_over(folder, server):
            return


if __name__ == "__main__":
    main()
