"""Every action that the product writes into the audit trail has Chinese words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.action_words import ACTION_ZH, action_zh, actions_named
from api.audit import Audit

REPOSITORY = Path(__file__).parents[3]
# Where the action stands among the arguments of ``record``, by whose method it is.
PLACE = {"services": 1, "audit": 2}


def texts(node: ast.AST) -> Iterator[str]:
    """What a text can be: itself, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def written_actions(source: str) -> list[tuple[int, set[str]]]:
    """Line and possible actions of each ``services.record`` and ``audit.record``."""
    tree = ast.parse(source)
    assigned: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, set()).update(texts(node.value))
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
        if node.func.attr == "record" and len(node.args) > PLACE.get(name, len(node.args)):
            given = node.args[PLACE[name]]
            named = assigned.get(given.id, set()) if isinstance(given, ast.Name) else set()
            found.append((node.lineno, named | set(texts(given))))
    return found


def test_every_written_action_has_words_and_no_other_has() -> None:
    actions: set[str] = set()
    for path in sorted((REPOSITORY / "api").rglob("*.py")):
        if path.name == "services.py":
            # Hands on what it is given.
            continue
        for line, found in written_actions(path.read_text(encoding="utf-8")):
            assert found, f"{path}:{line}: the action cannot be read from the source"
            actions |= found
    assert len(actions) > 20
    assert actions == set(ACTION_ZH)


@pytest.mark.parametrize("words", ACTION_ZH.values())
def test_words_are_chinese_and_tell_actions_apart(words: str) -> None:
    assert not any(character.isascii() for character in words)
    assert list(ACTION_ZH.values()).count(words) == 1


def test_an_unknown_action_shows_its_code() -> None:
    assert action_zh("lead.move") == "lead.move"
    assert action_zh("sign_in") == "登录"


def test_the_trail_is_found_by_the_words_that_people_read(tmp_path: Path) -> None:
    with Audit.open(tmp_path / "audit.sqlite") as audit:
        audit.record("li", "analyst", "leads.list", "*")
        audit.record("li", "analyst", "sign_out", "session")
        found = audit.lines(text="线索列表", actions=actions_named("线索列表"))
        assert [line.action for line in found] == ["leads.list"]
        assert [line.action for line in audit.lines(text="sign")] == ["sign_out"]
    assert actions_named("") == ()
