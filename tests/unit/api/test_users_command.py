"""The password of a user: asked twice, never on stdout."""

import json
from pathlib import Path

import pytest

from api.cli import run
from api.identity.users import Users


def test_a_password_is_asked_until_both_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["geheim-eins", "geheim-zwei", "geheim-drei", "geheim-drei"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    arguments = ["users", "set", "li", "--role", "analyst", "--json", "--workspace", str(tmp_path)]
    assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"user": "li", "role": "analyst"}
    assert "不一致" in err
    with Users.open(tmp_path / "state" / "users.sqlite") as users:
        assert users.sign_in("li", "geheim-drei").role == "analyst"


@pytest.mark.parametrize(
    ("role", "password", "words"),
    [("king", "geheim-eins", "没有角色"), ("analyst", "kurz", "口令至少")],
)
def test_role_and_length_are_checked(
    role: str,
    password: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["users", "set", "li", "--role", role, "--password", password]
    assert run([*arguments, "--workspace", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "state").exists()
