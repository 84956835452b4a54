"""Who may sign in, how long, and what each role sees."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from api.errors import Forbidden
from api.identity.caller import Caller
from api.identity.roles import DEMO_USERS, ROLES, ROLES_BY_ACTOR
from api.identity.tokens import TokenRefused, Tokens
from api.identity.users import LOCK, MAX_FAILURES, SignInRefused, Users

NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)


def test_a_password_fits_or_not(tmp_path: Path) -> None:
    path = tmp_path / "users.sqlite"
    with Users.open(path) as users:
        users.set("li", "analyst", "correct horse")
        assert users.sign_in("li", "correct horse").role == "analyst"
        for name, password in (("li", "wrong"), ("nobody", "correct horse"), ("li", "")):
            with pytest.raises(SignInRefused, match="用户名或口令不正确"):
                users.sign_in(name, password)
    assert b"correct horse" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_failures_lock_for_a_while(tmp_path: Path) -> None:
    with Users.open(tmp_path / "users.sqlite") as users:
        users.set("li", "analyst", "correct horse")
        for _ in range(MAX_FAILURES):
            with pytest.raises(SignInRefused):
                users.sign_in("li", "wrong", NOW)
        with pytest.raises(SignInRefused, match="锁定"):
            users.sign_in("li", "correct horse", NOW + LOCK - timedelta(seconds=1))
        assert users.sign_in("li", "correct horse", NOW + LOCK)


def test_failures_are_kept_although_the_sign_in_ends_with_an_error(tmp_path: Path) -> None:
    path = tmp_path / "users.sqlite"
    with Users.open(path) as users:
        users.set("li", "analyst", "correct horse")
    for _ in range(MAX_FAILURES):
        with pytest.raises(SignInRefused), Users.open(path) as users:
            users.sign_in("li", "wrong", NOW)
    with pytest.raises(SignInRefused, match="锁定"), Users.open(path) as users:
        users.sign_in("li", "correct horse", NOW)


def test_unknown_roles_are_refused(tmp_path: Path) -> None:
    with Users.open(tmp_path / "u.sqlite") as users, pytest.raises(ValueError, match="emperor"):
        users.set("li", "emperor", "correct horse")


def test_demo_users_cover_every_role(tmp_path: Path) -> None:
    with Users.open(tmp_path / "u.sqlite") as users:
        password = users.make_demo_users()
        assert {u.role for u in users.all()} == set(ROLES)
        assert sum(u.role == "officer" for u in users.all()) == 2
        assert users.sign_in("analyst", password)
        again = users.make_demo_users()
        assert again != password
        with pytest.raises(SignInRefused):
            users.sign_in("analyst", password)
    assert len(DEMO_USERS) == 13


def test_tokens_end_and_cannot_be_made(tmp_path: Path) -> None:
    tokens = Tokens("k" * 64, 8.0)
    issued = tokens.issue("li", "analyst")
    assert tokens.read(issued).user == "li"
    old = tokens.issue("li", "analyst", datetime.now(UTC) - timedelta(hours=9))
    head, body, _ = issued.split(".")
    for bad in (old, "", "a.b.c", f"{head}.{body}.", Tokens("x" * 64, 8.0).issue("li", "analyst")):
        with pytest.raises(TokenRefused):
            tokens.read(bad)


def test_the_signing_key_stays(tmp_path: Path) -> None:
    keys = set()
    for _ in range(2):
        with Users.open(tmp_path / "u.sqlite") as users:
            keys.add(users.signing_key())
    assert len(keys) == 1
    assert len(keys.pop()) == 64


# Role, level without purpose, with one, with purpose and case number, findings, free queries.
SEEN = [
    ("analyst", "L2", "L3", "L3", "all", True),
    ("data_head", "L2", "L3", "L3", "all", True),
    ("dispatcher", "L2", "L2", "L2", "none", False),
    ("officer", "L2", "L2", "L2", "own", False),
    ("legal", "L2", "L3", "L3", "all", False),
    ("leader", "L2", "L3", "L3", "all", False),
    ("police_liaison", "L2", "L3", "L4", "all", True),
    ("procurator", "L2", "L2", "L2", "transfer", False),
    ("intake_clerk", "L2", "L2", "L2", "none", False),
    ("sysadmin", "L1", "L1", "L1", "none", False),
    ("secadmin", "L1", "L1", "L1", "none", False),
    ("auditor", "L1", "L1", "L1", "none", False),
]


@pytest.mark.parametrize(("name", "plain", "purpose", "case", "leads", "query"), SEEN)
def test_what_each_role_sees(
    name: str, plain: str, purpose: str, case: str, leads: str, query: bool
) -> None:
    role = ROLES[name]
    assert Caller("x", role).level == plain
    assert Caller("x", role, "核查").level == purpose
    assert Caller("x", role, "核查", "A3201").level == case
    assert Caller("x", role, "", "A3201").level == plain
    assert (role.lead_scope, role.may_query) == (leads, query)


def test_the_table_of_roles_is_whole() -> None:
    assert [row[0] for row in SEEN] == list(ROLES)


def test_phones_are_there_masked_and_police_objects_are_not() -> None:
    analyst = Caller("x", ROLES["analyst"], "核查")
    police = Caller("x", ROLES["police_liaison"], "核查", "A3201")
    assert analyst.sees("Phone", "L4")
    assert not Caller("x", ROLES["analyst"]).sees("Phone", "L4")
    for label in ("PoliceCase", "Account"):
        assert not analyst.sees(label, "L4")
        assert police.sees(label, "L4")
    assert not analyst.sees("Organization", None)
    assert "INVOLVED_IN" in analyst.hidden_relationships
    assert police.hidden_relationships == ()


def test_a_refusal_says_what_is_missing() -> None:
    with pytest.raises(Forbidden, match="查询目的"):
        Caller("x", ROLES["analyst"]).require("L3", "发票")
    with pytest.raises(Forbidden, match="指挥调度员"):
        Caller("x", ROLES["dispatcher"], "核查").require("L3", "发票")


def test_every_actor_of_the_state_machine_has_roles() -> None:
    text = files("records").joinpath("data", "state_machine.json").read_text(encoding="utf-8")
    actors = {t["actor"] for t in json.loads(text)["transitions"]}
    assert actors == set(ROLES_BY_ACTOR)
    assert {role for roles in ROLES_BY_ACTOR.values() for role in roles} <= set(ROLES)
