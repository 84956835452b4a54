"""Settings that cannot name a store, and the driver's errors in our words."""

import pytest
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.errors import (
    BadSettings,
    ConstraintViolated,
    GraphError,
    SignInFailed,
    StatementFailed,
    StatementTimedOut,
    StoreUnreachable,
    WriteRefused,
)
from graph.failures import is_worth_repeating, translate
from graph.settings import SCHEMES, GraphSettings


@pytest.mark.parametrize("scheme", SCHEMES)
def test_bolt_addresses(scheme: str) -> None:
    assert not GraphSettings(uri=f"{scheme}://graph:7687").is_embedded


@pytest.mark.parametrize("uri", ["http://graph:7474", "graph:7687", "jdbc:neo4j://x"])
def test_other_addresses_are_refused_with_the_cure(uri: str) -> None:
    with pytest.raises(BadSettings, match="bolt://"):
        GraphSettings(uri=uri)


def test_no_address_means_embedded_and_the_password_is_not_shown() -> None:
    settings = GraphSettings(password="geheim")
    assert settings.is_embedded
    assert "geheim" not in repr(settings)


def coded(kind: type[Neo4jError], code: str, message: str = "why") -> Neo4jError:
    return kind._hydrate_neo4j(code=code, message=message)


CODE = "Neo.ClientError."
FAILURES = [
    (ServiceUnavailable("refused"), StoreUnreachable, "JINGHUAN_GRAPH_URI"),
    (SessionExpired("gone"), StoreUnreachable, "JINGHUAN_GRAPH_URI"),
    (coded(Neo4jError, CODE + "Security.Unauthorized"), SignInFailed, "JINGHUAN_GRAPH_PASSWORD"),
    (coded(Neo4jError, CODE + "Security.AuthenticationRateLimit"), SignInFailed, "PASSWORD"),
    (coded(Neo4jError, CODE + "Database.DatabaseNotFound"), SignInFailed, "GRAPH_DATABASE"),
    (coded(Neo4jError, CODE + "Schema.ConstraintValidationFailed"), ConstraintViolated, "键相同"),
    (coded(Neo4jError, CODE + "Security.Forbidden"), WriteRefused, "不能改动"),
    (coded(Neo4jError, CODE + "Statement.AccessMode"), WriteRefused, "不能改动"),
    (coded(Neo4jError, CODE + "Transaction.TransactionTimedOut"), StatementTimedOut, "缩小范围"),
    (coded(Neo4jError, CODE + "Statement.SyntaxError"), StatementFailed, "RETURN 1"),
]


@pytest.mark.parametrize(("error", "ours", "words"), FAILURES)
def test_translation(error: Neo4jError, ours: type[GraphError], words: str) -> None:
    given = translate(error, "RETURN 1", "bolt://x", is_embedded=False)
    assert type(given) is ours
    assert words in str(given)
    assert "bolt://x" in str(given)


def test_hydrated_errors_are_the_drivers_own_kinds() -> None:
    kinds = [type(error) for error, _, _ in FAILURES]
    assert {AuthError, ClientError, ConstraintError} <= set(kinds)


def test_long_statements_are_cut() -> None:
    error = coded(Neo4jError, CODE + "Statement.SyntaxError")
    words = str(translate(error, "MATCH (n)\n" * 500, "x", is_embedded=True))
    assert "…" in words
    assert len(words) < 300


REPEATED: dict[str, tuple[Neo4jError | DriverError, int, bool]] = {
    "a deadlock": (
        coded(TransientError, "Neo.TransientError.Transaction.DeadlockDetected"),
        5,
        True,
    ),
    "a stale connection": (ServiceUnavailable("stale"), 0, True),
    "a server that is gone": (ServiceUnavailable("gone"), 1, False),
    "a lost session": (SessionExpired("gone"), 0, True),
    "a commit of unknown outcome": (IncompleteCommit("lost"), 0, False),
    "a wrong statement": (coded(Neo4jError, CODE + "Statement.SyntaxError"), 0, False),
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_is_tried_again(name: str) -> None:
    error, attempt, is_repeated = REPEATED[name]
    assert is_worth_repeating(error, attempt) is is_repeated
