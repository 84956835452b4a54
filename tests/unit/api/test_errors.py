"""Errors on the way out: one table for HTTP statuses, one for exit codes."""

import errno

import duckdb
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.errors import Busy, DiskFull, DoorError, PortTaken
from api.exits import EXIT_BY_ERROR, exit_code, is_disk_full, one_line
from api.problems import PROBLEM, STATUS_BY_ERROR, describe, register_problems
from graph.errors import EmbeddedFailed, StoreUnreachable
from ingest.errors import IngestError, SourceError
from queries.errors import Forbidden


def make(kind: type[Exception], text: str = "对象、原因、办法") -> Exception:
    return kind("code", text) if kind is SourceError else kind(text)


@pytest.mark.parametrize(("kind", "status", "title"), STATUS_BY_ERROR)
def test_every_row_of_the_table_is_answered(kind: type[Exception], status: int, title: str) -> None:
    app = FastAPI()
    register_problems(app)

    @app.get("/")
    def fails() -> None:
        raise make(kind)

    answer = TestClient(app).get("/")
    document = answer.json()
    assert answer.status_code == status == document["status"]
    assert answer.headers["content-type"] == PROBLEM
    assert document["title"] == title
    assert document["detail"]


def test_the_nearest_row_counts() -> None:
    assert describe(EmbeddedFailed("x"))[0] == 503
    assert describe(Forbidden("x"))[0] == 403


def test_what_nobody_foresaw_shows_a_number_and_nothing_else() -> None:
    app = FastAPI()
    register_problems(app)

    @app.get("/")
    def fails() -> None:
        raise RuntimeError("secret path /srv/data")

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["reference"] in answer.json()["detail"]


def test_unknown_addresses_and_methods_are_problems() -> None:
    app = FastAPI()
    register_problems(app)
    client = TestClient(app)
    assert client.get("/nowhere").headers["content-type"] == PROBLEM
    assert client.get("/nowhere").status_code == 404


@pytest.mark.parametrize(("kind", "code"), EXIT_BY_ERROR)
def test_every_error_has_its_exit_code(kind: type[Exception], code: int) -> None:
    assert exit_code(make(kind)) == code
    assert code in (1, 2, 3)


@pytest.mark.parametrize("kind", [Busy, PortTaken, DiskFull, StoreUnreachable])
def test_what_cannot_be_reached_or_is_held_is_three(kind: type[Exception]) -> None:
    assert exit_code(kind("x")) == 3


def test_a_full_disk_is_three_whoever_says_it() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    wrapped = IngestError("磁盘已满")
    wrapped.__cause__ = full
    assert exit_code(full) == exit_code(wrapped) == 3
    assert is_disk_full(duckdb.IOException("IO Error: No space left on device"))
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert "磁盘已满" in one_line(full)


def test_unforeseen_errors_have_no_code_and_messages_are_one_line() -> None:
    assert exit_code(RuntimeError("x")) is None
    assert one_line(DoorError("a\n  b")) == "a b"
