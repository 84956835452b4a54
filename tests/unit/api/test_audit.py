"""The trail: lines are chained, and a changed, removed or added one is found."""

import sqlite3
from pathlib import Path

import pytest

from api.audit import Audit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A trail of five lines."""
    path = tmp_path / "audit.sqlite"
    for number in range(1, 6):
        with Audit.open(path) as audit:
            audit.record("li", "analyst", "entity.read", f"org:{number}", purpose="核查")
    return path


def test_the_chain_holds(path: Path) -> None:
    with Audit.open(path) as audit:
        assert audit.check() is None
        assert [line.position for line in audit.lines()] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("tampering", "found_at"),
    [
        ("UPDATE audit SET purpose = '' WHERE position = 3", 3),
        ("UPDATE audit SET user = 'wang' WHERE position = 1", 1),
        ("DELETE FROM audit WHERE position = 2", 2),
        ("UPDATE audit SET hash = 'x' WHERE position = 5", 5),
        ("UPDATE audit SET position = 9 WHERE position = 5", 5),
        ("INSERT INTO audit SELECT 6, at, user, role, action, object, purpose, case_no, detail,"
         " hash FROM audit WHERE position = 5", 6),
    ],
)  # fmt: skip
def test_tampering_is_found(path: Path, tampering: str, found_at: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute(tampering)
    connection.commit()
    connection.close()
    with Audit.open(path) as audit:
        assert audit.check() == found_at


def test_lines_are_searched_and_paged(path: Path) -> None:
    with Audit.open(path) as audit:
        assert [line.object for line in audit.lines(text="org:4")] == ["org:4"]
        assert [line.position for line in audit.lines(before=3, limit=1)] == [2]


def test_a_line_that_cannot_be_kept_leaves_the_trail_as_it_was(path: Path) -> None:
    with Audit.open(path) as audit:
        with pytest.raises(TypeError):
            audit.record("li", "analyst", "entity.read", "org:6", detail=object())  # type: ignore[arg-type]  # on purpose
        audit.record("li", "analyst", "entity.read", "org:7")
        assert [line.object for line in audit.lines(limit=2)] == ["org:7", "org:5"]
        assert audit.check() is None
