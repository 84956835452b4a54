"""Users and their passwords in ``state/users.sqlite``; a lock after repeated failures."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from api.identity.roles import DEMO_USERS, ROLES

SCHEMA = """
CREATE TABLE IF NOT EXISTS user (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    locked_until TEXT
);
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
MAX_FAILURES = 5
LOCK = timedelta(minutes=15)


class SignInRefused(Exception):
    """Name or password do not fit, or the account is locked; the message says which cure."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: str


class Users:
    """The users of a workspace; changes are kept when the block of :meth:`open` ends well."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._hasher = PasswordHasher()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Users]":
        """Open the file at ``path``, made readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            path.chmod(0o600)
            connection.executescript(SCHEMA)
            with connection:
                yield cls(connection)

    def count(self) -> int:
        """How many users there are."""
        return int(self._connection.execute("SELECT count(*) FROM user").fetchone()[0])

    def find(self, name: str) -> User | None:
        """The user called ``name``."""
        row = self._connection.execute("SELECT role FROM user WHERE name = ?", (name,)).fetchone()
        return User(name, str(row[0])) if row else None

    def all(self) -> list[User]:
        """All users in name order."""
        rows = self._connection.execute("SELECT name, role FROM user ORDER BY name").fetchall()
        return [User(str(name), str(role)) for name, role in rows]

    def set(self, name: str, role: str, password: str) -> None:
        """Make a user or give an existing one a new role and password.

        Raises
        ------
        ValueError
            For an unknown role.
        """
        if role not in ROLES:
            raise ValueError(f"没有角色 {role}；可用：{'、'.join(ROLES)}")
        self._connection.execute(
            "INSERT INTO user (name, role, password_hash) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET role = excluded.role,"
            " password_hash = excluded.password_hash, failures = 0, locked_until = NULL",
            (name, role, self._hasher.hash(password)),
        )

    def make_demo_users(self, password: str = "") -> str:
        """One user per role with one password, random unless given; it is kept nowhere."""
        password = password or secrets.token_urlsafe(9)
        hashed = self._hasher.hash(password)
        self._connection.executemany(
            "INSERT INTO user (name, role, password_hash) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash,"
            " failures = 0, locked_until = NULL",
            [(name, role, hashed) for name, role in DEMO_USERS],
        )
        return password

    def sign_in(self, name: str, password: str, now: datetime | None = None) -> User:
        """The user when name and password fit.

        Raises
        ------
        SignInRefused
            Otherwise; five failures lock the account for fifteen minutes.
        """
        now = now or datetime.now(UTC)
        row = self._connection.execute(
            "SELECT role, password_hash, failures, locked_until FROM user WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            # The same work as for a known name, so that answers do not tell which names exist.
            self._hasher.hash(password)
            raise SignInRefused("用户名或口令不正确")
        role, hashed, failures, locked_until = row
        if locked_until and datetime.fromisoformat(locked_until) > now:
            raise SignInRefused("该用户因多次失败已锁定，请 15 分钟后再试或联系安全管理员")
        try:
            self._hasher.verify(hashed, password)
        except VerifyMismatchError:
            until = (now + LOCK).isoformat() if failures + 1 >= MAX_FAILURES else None
            self._connection.execute(
                "UPDATE user SET failures = ?, locked_until = ? WHERE name = ?",
                (0 if until else failures + 1, until, name),
            )
            # The failure must be kept although the sign-in ends with an error.
            self._connection.commit()
            raise SignInRefused("用户名或口令不正确") from None
        self._connection.execute(
            "UPDATE user SET failures = 0, locked_until = NULL WHERE name = ?", (name,)
        )
        return User(name, str(role))

    def signing_key(self) -> str:
        """Key for tokens, made at first use and kept in ``state/``."""
        self._connection.execute(
            "INSERT OR IGNORE INTO secret VALUES ('signing_key', ?)", (secrets.token_hex(32),)
        )
        row = self._connection.execute(
            "SELECT value FROM secret WHERE name = 'signing_key'"
        ).fetchone()
        return str(row[0])
