"""No log says whose data it was: types and places of errors, never values, tokens or messages.

``configured`` gives back what the test session had for logging; the renderers are tried with the
error as processors get it, since libraries log in ways of their own.
"""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import structlog
import typer
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from api import cli
from api.commands.serve import listen, url_of, web_server
from api.log import configure_logging, without_values
from api.problems import register_problems
from api.settings import load_settings

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJsaSJ9.c2lnbmF0dXJl"
ID_NUMBER, NAME, PASSWORD = "320911198805121234", "张三丰", "geheim-eins"
SECRETS = (TOKEN, ID_NUMBER, NAME, PASSWORD)


@pytest.fixture
def configured() -> Iterator[None]:
    """Logging as the service has it, until the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging()
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def work(header: str = f"Bearer {TOKEN}") -> None:
    """Fails with values all around: variables, messages, a cause."""
    password, row = PASSWORD, {"name": NAME, "id": ID_NUMBER}
    try:
        int(row["name"])
    except ValueError as error:
        raise LookupError(f"{header} {password} {row}") from error


def assert_says_where_only(text: str) -> None:
    assert "LookupError" in text
    assert "ValueError" in text
    assert f"{Path(__file__).name}:{work.__code__.co_firstlineno + 6} in work" in text
    assert not [secret for secret in SECRETS if secret in text]


def app_that_fails() -> FastAPI:
    app = FastAPI()
    register_problems(app)

    @app.get("/")
    def page(request: Request) -> None:
        work(request.headers["authorization"])

    return app


@pytest.mark.parametrize("is_set_up", [True, False])
def test_an_unexpected_error_of_a_request(
    is_set_up: bool, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    if is_set_up:
        request.getfixturevalue("configured")
    client = TestClient(app_that_fails(), raise_server_exceptions=False)
    answer = client.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 500
    out, err = capsys.readouterr()
    assert_says_where_only(out + err)
    assert answer.json()["reference"] in out + err


@pytest.mark.usefixtures("configured")
def test_the_web_server_logs_it_no_other_way(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # The server logs the error once more, by itself; the fixture's handler came before capfd.
    configure_logging()
    listener = listen(load_settings(tmp_path), port=0)
    server = web_server(app_that_fails())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx2.get(url_of(listener), headers=headers, timeout=30).status_code == 500
    finally:
        server.should_exit = True
        thread.join(timeout=30)
    out, err = capfd.readouterr()
    assert out == ""
    lines = [json.loads(line) for line in err.splitlines()]
    assert {line["logger"] for line in lines} >= {"uvicorn.error"}
    for line in lines:
        assert_says_where_only(line["exception"])
    assert_says_where_only(err)


@pytest.mark.parametrize("is_terminal", [True, False])
def test_both_renderers_take_errors_from_anyone(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logging()
        said = f"Bearer {TOKEN}"
        for log in (structlog.get_logger("ours"), logging.getLogger("theirs")):
            try:
                work()
            except LookupError as error:
                log.exception(said)
                log.error("again", exc_info=error)
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level = handlers, level
    err = capsys.readouterr().err
    assert err.count("LookupError") == 4
    assert_says_where_only(err)
    assert err.startswith("{") is not is_terminal


def test_the_command_line_keeps_a_trace_without_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(lambda: work())
    monkeypatch.setattr(cli, "build", lambda _: app)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cli.run([]) == 1
    err = capsys.readouterr().err
    assert "LookupError" in err
    assert "Traceback" not in err
    assert TOKEN not in err
    assert ID_NUMBER not in err
    kept = (tmp_path / ".cache" / "jinghuan" / "error.log").read_text(encoding="utf-8")
    assert_says_where_only(kept)


def test_no_command_line_shows_variables() -> None:
    app = cli.build()
    groups = [app, *(group.typer_instance for group in app.registered_groups)]
    assert len(groups) > 3
    assert [g for g in groups if g and g.pretty_exceptions_show_locals] == []
    assert app.pretty_exceptions_enable is False


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Authorization: Bearer {TOKEN}, next", "Authorization: Bearer [已隐去], next"),
        (f"session {TOKEN}", "session [已隐去]"),
        ("bolt://neo4j:geheim@host:7687/x", "bolt://neo4j:[已隐去]@host:7687/x"),
        ("password=geheim&x=1", "password=[已隐去]&x=1"),
        ("证件 320911198805121234", "证件 320911********1234"),
        ("store=lake reason=IO Error: /srv/lake", "store=lake reason=IO Error: /srv/lake"),
    ],
)
def test_texts_lose_credentials_and_personal_numbers(text: str, left: str) -> None:
    assert without_values(text) == left
