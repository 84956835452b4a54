"""Run a command beside a fresh, real Neo4j: ``python -m tools.with_neo4j jinghuan bench loops``.

The server is the one of the tests, empty, and gone when the command ends. The command finds it
through ``JINGHUAN_GRAPH_URI``, user, password and database, as any installation does.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.neo4j_server import Neo4jUnavailable, run_neo4j


def main(command: list[str]) -> int:
    """Exit code of ``command``, 2 without one, 3 when no Neo4j can be had."""
    if not command:
        print("用法：python -m tools.with_neo4j 命令 [参数...]", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder, run_neo4j(Path(folder) / "home") as server:
            found = {
                "JINGHUAN_GRAPH_URI": server.uri,
                "JINGHUAN_GRAPH_USER": server.user,
                "JINGHUAN_GRAPH_PASSWORD": server.password,
                "JINGHUAN_GRAPH_DATABASE": server.database,
            }
            return subprocess.run(command, env={**os.environ, **found}, check=False).returncode
    except Neo4jUnavailable as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
