"""The command line as a user starts it: documents, exit codes, and what goes wrong.

Strategy: one copy of the small workspace serves the commands that only read; cases that break
something start from folders of their own, which hold little or nothing. What depends on being a
process of its own (runs, locks, services, a killed store) is one; the rest is called in place.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest

from api.cli import run
from api.settings import load_settings
from api.version import program_version
from graph.client import connect
from tests.workspace import Made

PROGRAM = [sys.executable, "-m", "api.cli"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def jinghuan(*arguments: str) -> Done:
    """A command within this process: starting Python anew for each takes longer than the rest."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())


def process(*arguments: str, environment: dict[str, str] | None = None) -> Done:
    """A command as a user starts it."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def said(done: Done, code: int) -> str:
    """The one line of complaint; exit code and the absence of a trace are checked."""
    assert done.returncode == code, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def document(done: Done) -> Any:
    """The one document on stdout."""
    assert done.stdout.count("\n") == 1, done.stdout[:500] + done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def workspace(made: Made, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the small workspace without its graph: the first command builds that again."""
    root = tmp_path_factory.mktemp("cli") / "workspace"
    shutil.copytree(made.root, root, ignore=shutil.ignore_patterns("graph"))
    return str(root)


@pytest.fixture(scope="module")
def ran(workspace: str) -> Iterator[Any]:
    """A run over the copy, as a user starts it: only the graph is missing.

    The store is held while the tests of this file run, else each command would start it anew.
    """
    done = document(process("run", "--workspace", workspace, "--json", "--quiet"))
    settings = load_settings(Path(workspace))
    with connect(settings.graph, settings.paths):
        yield done


# --- a run, and a second one


def test_a_run_builds_the_lost_graph_and_nothing_else(ran: Any) -> None:
    skipped = {stage["stage"]: stage["is_skipped"] for stage in ran["stages"]}
    assert skipped == {
        "ingest": True,
        "resolve": True,
        "load": False,
        "detect": True,
        "leads": False,
    }
    assert not ran["is_nothing_new"]
    for file in ran["stages"][0]["detail"]["files"]:
        assert file["read"] == file["accepted"] + file["quarantined"]
        assert len(file["sha256"]) == 64


@pytest.mark.usefixtures("ran")
def test_a_second_run_says_that_nothing_is_new(workspace: str) -> None:
    again = process("run", "--workspace", workspace)
    assert again.returncode == 0
    assert "没有新内容" in again.stdout
    whole = document(jinghuan("run", "--workspace", workspace, "--json"))
    assert whole["is_nothing_new"]
    assert [s["is_skipped"] for s in whole["stages"]] == [True] * 5


# --- reading commands


@pytest.mark.usefixtures("ran")
def test_findings_in_every_form(workspace: str, tmp_path: Path) -> None:
    whole = document(jinghuan("findings", "--workspace", workspace, "--json"))
    assert len(whole) > 5
    lines = jinghuan("findings", "--workspace", workspace, "--format", "jsonl").stdout
    assert [json.loads(line) for line in lines.splitlines()] == whole
    one = document(
        jinghuan("findings", "--workspace", workspace, "--json", "--model", "HW-11", "--grade", "1")
    )
    assert one == [f for f in whole if (f["model"], f["grade"]) == ("HW-11", 1)]
    out = tmp_path / "findings.parquet"
    form = ("--format", "parquet", "--out", str(out))
    assert jinghuan("findings", "--workspace", workspace, *form).returncode == 0
    assert out.stat().st_size > 0
    text = jinghuan("findings", "--workspace", workspace, "--format", "csv").stdout
    assert text.count("\n") == len(whole) + 1
    explained = document(
        jinghuan("explain", whole[0]["finding_id"], "--workspace", workspace, "--json")
    )
    assert len(explained["rows"]) == len(explained["evidence"])


@pytest.mark.usefixtures("ran")
def test_entities_members_why(workspace: str) -> None:
    members = jinghuan("members", "--workspace", workspace).stdout.splitlines()
    assert members[0] == "dataset,batch,row,part,column,kind,role,entity_id"
    rows = [line.split(",") for line in members[1:]]
    firms = sorted({row[-1] for row in rows if row[5] == "organization"})
    profile = document(jinghuan("entity", firms[0], "--workspace", workspace, "--json"))
    assert profile["entity_id"] == firms[0]
    assert sum(row[-1] == firms[0] for row in rows) == sum(s["rows"] for s in profile["sources"])
    found = document(jinghuan("entity", profile["name"], "--workspace", workspace, "--json"))
    assert firms[0] in [item["entity_id"] for item in found["items"]]
    apart = document(jinghuan("why", firms[0], firms[1], "--workspace", workspace, "--json"))
    assert apart["is_same"] is False
    assert apart["reason_zh"]


@pytest.mark.usefixtures("ran")
def test_leads_and_papers(workspace: str, tmp_path: Path) -> None:
    page = document(
        jinghuan("leads", "list", "--workspace", workspace, "--json", "--model", "HW-11")
    )
    no = page["items"][0]["lead_no"]
    shown = document(jinghuan("leads", "show", no, "--workspace", workspace, "--json"))
    assert shown["lead"]["lead_no"] == no
    out = tmp_path / "paper.html"
    assert jinghuan("brief", no, "--workspace", workspace, "--out", str(out)).returncode == 0
    assert "疑似" in out.read_text(encoding="utf-8")
    odd = jinghuan("brief", no, "--workspace", workspace, "--format", "pages")
    assert "html" in said(odd, 2)
    assert "XS0" in said(jinghuan("leads", "show", "XS0", "--workspace", workspace), 2)


@pytest.mark.usefixtures("ran")
def test_queries_and_cypher(workspace: str) -> None:
    catalogue = document(jinghuan("query", "--workspace", workspace, "--json"))
    assert len(catalogue) >= 8
    text = "MATCH (o:Organization) RETURN o.id AS id ORDER BY id LIMIT 2"
    asked = ("cypher", text, "--workspace", workspace, "--json")
    answer = document(jinghuan(*asked, "--purpose", "核查"))
    assert len(answer["rows"]) == 2
    profile = jinghuan(
        "query", "firm_profile", f"id={answer['rows'][0][0]}", "--workspace", workspace, "--json"
    )
    assert len(document(profile)["rows"]) == 1
    assert "--purpose" in said(jinghuan(*asked), 2)
    delete = jinghuan(
        "cypher", "MATCH (n) DETACH DELETE n", "--purpose", "x", "--workspace", workspace
    )
    assert "DETACH" in said(delete, 2)
    assert "id" in said(jinghuan("query", "firm_profile", "--workspace", workspace), 2)


@pytest.mark.usefixtures("ran")
def test_doctor_finds_all_well(workspace: str) -> None:
    checks = document(jinghuan("doctor", "--workspace", workspace, "--json"))
    assert {c["name"]: c["state"] for c in checks}["图数据库"] == "ok"


# --- wrong use


def test_version_help_and_wrong_words() -> None:
    assert process("--version").stdout == f"jinghuan {program_version()}\n"
    assert jinghuan("--help").returncode == 0
    for wrong in (
        ("nonsense",),
        ("run", "--nonsense"),
        ("findings", "--grade", "9"),
        ("findings", "--format", "xml"),
        ("simulate", "x", "--size", "huge"),
        ("run", "--as-of", "yesterday"),
        ("leads", "list", "--workspace", "/nonexistent/here"),
    ):
        assert said(jinghuan(*wrong), 2)


def test_with_json_an_error_is_the_one_document() -> None:
    done = jinghuan("leads", "list", "--workspace", "/nonexistent/here", "--json")
    assert document(done)["error"]["exit_code"] == done.returncode == 2


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    (tmp_path / "jinghuan.toml").write_text("prot = 1\n", encoding="utf-8")
    assert "prot" in said(jinghuan("findings", "--workspace", str(tmp_path)), 2)


def test_an_unknown_model_and_a_path_outside_the_inbox(tmp_path: Path) -> None:
    done = jinghuan("detect", "--model", "HW-99", "--workspace", str(tmp_path))
    assert "HW-99" in said(done, 2)
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("x", encoding="utf-8")
    done = jinghuan("ingest", str(outside), "--workspace", str(tmp_path))
    assert "elsewhere.csv" in said(done, 2)


# --- refused


def test_refused_files_and_unknown_folders_are_exit_one_each_time(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "manifest").mkdir(parents=True)
    (inbox / "nonsense").mkdir()
    (inbox / "manifest" / "broken.csv").write_text("某列,另一列\n1,2\n", encoding="utf-8")
    for _ in range(2):
        done = jinghuan("ingest", "--workspace", str(tmp_path), "--json")
        assert done.returncode == 1
        stage = document(done)["stages"][0]
        assert stage["detail"]["unknown_folders"] == ["nonsense"]
        assert "某列" in stage["detail"]["files"][0]["refusal"]
    told = jinghuan("ingest", "--workspace", str(tmp_path)).stderr
    assert "nonsense" in told
    assert "broken.csv" in told


def test_demo_refuses_a_workspace_with_other_data(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "manifest").mkdir(parents=True)
    done = jinghuan("demo", "--no-serve", "--workspace", str(tmp_path))
    assert str(tmp_path) in said(done, 2)


# --- not reachable


def test_a_store_that_does_not_answer(workspace: str) -> None:
    elsewhere = {"JINGHUAN_GRAPH_URI": "bolt://127.0.0.1:9"}
    for command in (("load",), ("cypher", "RETURN 1 AS x", "--purpose", "x")):
        done = process(*command, "--workspace", workspace, environment=elsewhere)
        assert "bolt://127.0.0.1:9" in said(done, 3)


def test_a_taken_port(workspace: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = jinghuan("serve", "--workspace", workspace, "--port", port)
    assert port in said(done, 3)


def test_a_second_run_at_once_names_the_first(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    code = (
        "import sys; from pathlib import Path; from api.run_lock import run_lock;"
        " from records.workspace import Workspace\n"
        "with run_lock(Workspace(Path(sys.argv[1])), 'run'):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        line = said(process("run", "--workspace", str(tmp_path)), 3)
        assert str(holder.pid) in line
    finally:
        holder.kill()
        holder.communicate()


# --- a service beside other processes


@pytest.fixture
def served(workspace: str, ran: Any) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a service over the copy, and its process."""
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--workspace", workspace, "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        yield line[line.index("http") :].partition("（")[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def wait_for(url: str, status: int) -> None:
    until = monotonic() + 60
    while monotonic() < until:
        try:
            if httpx2.get(url, timeout=30).status_code == status:
                return
        except httpx2.TransportError:
            pass
        sleep(0.2)
    pytest.fail(f"{url} never answered {status}")


def test_a_service_says_its_address_as_a_document(workspace: str, ran: Any) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--workspace", workspace, "--port", "0", "--json", "--quiet"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["pid"] == process.pid
        assert httpx2.get(f"{said['url']}healthz", timeout=30).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    assert rest == ""


def test_a_service_beside_the_command_line_and_a_killed_store(
    workspace: str, served: tuple[str, subprocess.Popen[str]]
) -> None:
    url, _ = served
    wait_for(f"{url}readyz", 200)
    text = "MATCH (o:Organization) RETURN count(o) AS n"
    asked = ("cypher", text, "--purpose", "核查", "--workspace", workspace, "--json")
    first = document(jinghuan(*asked))
    assert first["rows"][0][0] > 0
    server = json.loads((Path(workspace) / "graph" / "server.json").read_text(encoding="utf-8"))
    os.kill(server["pid"], signal.SIGKILL)
    wait_for(f"{url}readyz", 200)
    assert document(jinghuan(*asked))["rows"] == first["rows"]
