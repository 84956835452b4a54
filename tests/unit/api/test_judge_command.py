"""judge, match and why on the command line: wrong use, one document, undo; nothing is unmasked."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from records.workspace import Workspace
from tests.unit.ingest.resolve.conftest import code_of
from tests.unit.ingest.resolve.stored_lake import PHONE, case_rows, resolved_lake


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("command")
    resolved_lake(made)
    return made


def called(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Exit code and the document of a command."""
    code = run([*arguments, "--workspace", str(root), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_judgement_is_made_listed_and_undone(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = case_rows(Workspace(root))
    said = ("judge", rows[0][0], rows[2][1], "--verdict", "different", "--reason", "走访核实")
    code, made = called(root, capsys, *said)
    assert (code, made["verdict"], made["b"]["entity_id"]) == (0, "different", rows[2][1])
    assert made["judged_by"].endswith("@cli")
    again, complaint = called(root, capsys, *said)
    assert (again, complaint["error"]["exit_code"]) == (2, 2)
    _, listed = called(root, capsys, "judge", "--list")
    assert [item["number"] for item in listed["items"]] == [made["number"]]
    _, undone = called(root, capsys, "judge", "--undo", str(made["number"]))
    assert undone["withdrawn_by"] == made["judged_by"]
    assert run(["judge", "--list", "--workspace", str(root)]) == 0
    assert "不同" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--list", "--undo", "1"),
        ("org:1", "org:2"),
        ("org:1", "org:2", "--verdict", "same"),
        ("org:1", "--verdict", "same", "--reason", "x"),
        ("org:1", "org:2", "--verdict", "maybe", "--reason", "x"),
        ("--undo", "0"),
    ],
)
def test_wrong_use_says_what_is_wanted(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(["judge", *arguments, "--workspace", str(root)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "用法有误" in err


def test_why_masks_phones_and_speaks_chinese(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = case_rows(Workspace(root))
    sides = (rows[0][0], rows[1][0])
    code, told = called(root, capsys, "why", *sides)
    assert (code, told["is_same"]) == (0, True)
    assert PHONE not in json.dumps(told)
    assert run(["why", *sides, "--workspace", str(root)]) == 0
    out = capsys.readouterr().out
    assert PHONE not in out
    assert "138****2222" in out
    assert "法定代表人" in out
    assert "trunk" not in out


def test_a_list_is_matched(root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given, out = tmp_path / "list.csv", tmp_path / "out.csv"
    lines = f"name,code\n苏州宏润环保科技公司,\n,{code_of(2)}\n完全无关的名称厂,\n"
    given.write_text(lines, encoding="utf-8")
    code, found = called(root, capsys, "match", str(given))
    assert code == 0
    assert [(item["row"], item["decision"]) for item in found] == [
        (1, "match"),
        (2, "match"),
        (3, "new"),
    ]
    assert run(["match", str(given), "--out", str(out), "--workspace", str(root)]) == 0
    assert out.read_text(encoding="utf-8-sig").splitlines()[2].startswith("2,")
    given.write_text("colour\nred\n", encoding="utf-8")
    assert run(["match", str(given), "--workspace", str(root)]) == 2
    assert "colour" in capsys.readouterr().err
