"""How the embedded server is started: files it needs, flags, and the detached child process.

The server is the one inside the ``arcadedb-embedded`` wheel, run by the Java in that wheel; no
Python module of the wheel is imported. Every flag below was measured or closes a door.
"""

import importlib.util
import json
import os
import re
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from graph.errors import BadSettings, EmbeddedFailed, EmbeddedMissing
from graph.processes import Process

DATABASE = "jinghuan"
WRITER, READER = "root", "reader"
# The server's own limit, for readers that nobody waits for any longer.
READ_TIMEOUT_MS = 60_000
_WHEEL = "arcadedb_embedded"
_MAIN = "com.arcadedb.server.ArcadeDBServer"
_HEAP = re.compile(r"[1-9][0-9]*[kKmMgG]")
_ALL = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
_GROUPS = {
    "admin": (["updateSecurity", "updateSchema", "updateDatabaseSettings"], _ALL),
    "reader": ([], ["readRecord"]),
    "*": ([], []),
}
# The shell leaves at once, so the server belongs to no process of ours: an interrupt at the
# terminal of the one who started it does not reach it, and nobody has to collect it.
_DETACH = (
    '"$1" "@$2" >"$3" 2>&1 </dev/null & server=$!; echo $server;'
    ' PYTHONPATH="$6" "$4" -P -m graph.keeper "$5" $server >/dev/null 2>&1 </dev/null &'
)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords of the two server users: the writer, and the one that can only read."""

    writer: str
    reader: str


@dataclass(frozen=True, slots=True)
class JavaFiles:
    """Where the wheel keeps its Java and the server's archives."""

    java: Path
    jars: Path


def java_files() -> JavaFiles:
    """Find the wheel.

    Raises
    ------
    EmbeddedMissing
        When it is not installed; the message says how to get it or do without.
    """
    spec = importlib.util.find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        files = JavaFiles(Path(place) / "jre" / "bin" / "java", Path(place) / "jars")
        if files.java.exists() and files.jars.is_dir():
            return files
    raise EmbeddedMissing(
        "未配置图数据库，也没有安装内置图数据库；请安装：pip install 'jinghuan[embedded]'"
        "（需要 glibc 2.34 以上），或设置 JINGHUAN_GRAPH_URI 指向 Neo4j"
    )


def passwords(folder: Path) -> Passwords:
    """The passwords of this workspace, made at random on first use and readable by the owner only.

    The server keeps only hashes; when the file is lost, the hashes go too and new ones are made.
    """
    path = folder / "passwords.json"
    try:
        return Passwords(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        fresh = Passwords(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        (folder / "config" / "server-users.jsonl").unlink(missing_ok=True)
        _write_private(path, json.dumps({"writer": fresh.writer, "reader": fresh.reader}))
        return fresh


def free_port() -> int:
    """A port on the loopback address that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(folder: Path, port: int, heap: str) -> Process:
    """Start the server of ``folder`` on Bolt port ``port`` and return without waiting for it.

    Raises
    ------
    BadSettings
        When ``heap`` is no amount of memory.
    EmbeddedMissing, EmbeddedFailed
        When the wheel is missing, or no process can be started.
    """
    if not _HEAP.fullmatch(heap):
        raise BadSettings(f"内置图数据库的内存 {heap!r} 无法识别；请写成 512m、1g 这样的形式")
    files = java_files()
    _write_groups(folder)
    arguments = folder / "java.args"
    _write_private(arguments, _argument_file(folder, files, port, heap, passwords(folder)))
    python, home = sys.executable, Path(__file__).parents[1]
    command = [_DETACH, "sh", files.java, arguments, log_file(folder), python, folder, home]
    try:
        shell = subprocess.run(  # noqa: S603 - fixed script, paths of this installation
            ["/bin/sh", "-c", *map(str, command)],
            cwd=folder,
            start_new_session=True,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedFailed(f"内置图数据库（{folder}）无法启动进程：{error}") from error
    return Process.of(int(shell.stdout))


def log_file(folder: Path) -> Path:
    """What the server last said."""
    return folder / "server.log"


def _argument_file(folder: Path, files: JavaFiles, port: int, heap: str, secret: Passwords) -> str:
    # In a file, not on the command line: passwords must not show in the list of processes.
    options = {
        "server.rootPath": str(folder),
        "server.rootPassword": secret.writer,
        "server.defaultDatabases": f"{DATABASE}[{READER}:{secret.reader}:{READER}]",
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        # Otherwise the reasons of refused statements are hidden.
        "server.mode": "development",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": str(free_port()),
        "bolt.host": "127.0.0.1",
        "bolt.port": str(port),
        "bolt.defaultDatabase": DATABASE,
        "txPageSlotMerge": "false",
        "txWalFlush": "1",
        "queryMaxConcurrent": "64",
        "command.timeout": "120000",
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "server.security.importBlockLocalNetworks": "true",
    }
    lines = [
        f"-Xmx{heap}",
        "-XX:+ExitOnOutOfMemoryError",
        "-Dfile.encoding=UTF-8",
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
        "--add-modules=jdk.incubator.vector",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
        "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-exports=java.management/sun.management=ALL-UNNAMED",
        *(f"-Darcadedb.{name}={value}" for name, value in options.items()),
        "-cp",
        f"{files.jars}/*",
        _MAIN,
    ]
    return "\n".join('"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"' for line in lines)


def _write_groups(folder: Path) -> None:
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    groups = {
        name: {
            "resultSetLimit": -1,
            "readTimeout": READ_TIMEOUT_MS if name == READER else -1,
            "access": access,
            "types": {"*": {"access": records}},
        }
        for name, (access, records) in _GROUPS.items()
    }
    document = {"databases": {"*": {"groups": groups}}, "version": 2}
    (config / "server-groups.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
