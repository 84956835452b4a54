"""SQLite files of ``state/``: whole transactions or nothing, and reading makes no file."""

from pathlib import Path

import pytest

from records.state_file import read_state, write_state

SCHEMA = "CREATE TABLE IF NOT EXISTS note (text TEXT NOT NULL)"
READ = "SELECT text FROM note ORDER BY text"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "notes.sqlite"


def put(path: Path, *texts: str, failure: BaseException | None = None) -> None:
    with write_state(path, SCHEMA) as connection:
        connection.executemany("INSERT INTO note VALUES (?)", [(text,) for text in texts])
        if failure:
            raise failure


def test_reading_makes_no_file(path: Path) -> None:
    assert read_state(path, READ) == []
    assert not path.parent.exists()


def test_what_is_written_can_be_read_with_values(path: Path) -> None:
    put(path, "a", "b")
    assert read_state(path, READ) == [("a",), ("b",)]
    assert read_state(path, "SELECT text FROM note WHERE text = ?", ("b",)) == [("b",)]


@pytest.mark.parametrize("failure", [ValueError(), KeyboardInterrupt()], ids=lambda e: type(e))
def test_a_block_that_fails_leaves_nothing(path: Path, failure: BaseException) -> None:
    put(path, "a")
    with pytest.raises(type(failure)):
        put(path, "b", failure=failure)
    assert read_state(path, READ) == [("a",)]
    put(path, "c")
    assert read_state(path, READ) == [("a",), ("c",)]
