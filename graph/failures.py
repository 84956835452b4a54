"""What the driver's errors mean: ours in the user's language, and which deserve another try."""

from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.errors import (
    ConstraintViolated,
    GraphError,
    SignInFailed,
    StatementFailed,
    StatementTimedOut,
    StoreUnreachable,
    WriteRefused,
)

_SHOWN = 120
_NO_DATABASE = "Neo.ClientError.Database.DatabaseNotFound"
_FORBIDDEN = ("Neo.ClientError.Security.Forbidden", "Neo.ClientError.Statement.AccessMode")
_TIMED_OUT = ("TransactionTimedOut", "TransactionTimedOutClientConfiguration")


def translate(
    error: Neo4jError | DriverError, cypher: str, store: str, *, is_embedded: bool
) -> GraphError:
    """Our error for an error of the driver.

    Parameters
    ----------
    cypher
        The statement that failed; only its beginning is shown.
    store
        The store as the user knows it.
    is_embedded
        Whether it is the workspace's own server.
    """
    code = getattr(error, "code", None) or ""
    reason = getattr(error, "message", None) or str(error)
    shown = _shown(cypher)
    if isinstance(error, AuthError) or "Unauthorized" in code or "AuthenticationRate" in code:
        return SignInFailed(
            f"图数据库 {store} 不接受用户名或口令：{reason}；"
            "请检查 JINGHUAN_GRAPH_USER 和 JINGHUAN_GRAPH_PASSWORD"
        )
    if code == _NO_DATABASE:
        return SignInFailed(
            f"图数据库 {store} 没有这个库：{reason}；请检查 JINGHUAN_GRAPH_DATABASE"
        )
    if isinstance(error, ServiceUnavailable | SessionExpired | ConfigurationError):
        cure = (
            "它的服务进程可能被终止，再执行一次即会重新启动"
            if is_embedded
            else "请确认服务在运行，JINGHUAN_GRAPH_URI 的地址和端口正确"
        )
        return StoreUnreachable(f"图数据库 {store} 没有应答：{' '.join(reason.split())}；{cure}")
    if isinstance(error, ConstraintError):
        return ConstraintViolated(f"图数据库 {store}：两个节点的键相同（{reason}）；语句：{shown}")
    if code in _FORBIDDEN:
        return WriteRefused(
            f"图数据库 {store} 不允许这一操作（{reason}）；查询只能读取，不能改动；语句：{shown}"
        )
    if code.endswith(_TIMED_OUT) or "imeout" in reason:
        return too_slow(cypher, store, reason)
    return StatementFailed(f"图数据库 {store} 未能执行语句（{reason}）；语句：{shown}")


def too_slow(cypher: str, store: str, limit: str) -> StatementTimedOut:
    """The error for a statement that ran into ``limit``."""
    return StatementTimedOut(
        f"图数据库 {store}：语句超过时限（{limit}）；请缩小范围后重试；语句：{_shown(cypher)}"
    )


def is_worth_repeating(error: Neo4jError | DriverError, attempt: int) -> bool:
    """Whether the same transaction may succeed when it is tried again.

    Parameters
    ----------
    attempt
        How many tries were made before the one that failed, from 0.
    """
    if isinstance(error, IncompleteCommit):
        return False
    if isinstance(error, ServiceUnavailable | SessionExpired):
        # A pooled connection may have gone stale; a server that is gone stays gone.
        return attempt == 0
    return isinstance(error, TransientError) or (
        not isinstance(error, ClientError) and error.is_retryable()
    )


def _shown(cypher: str) -> str:
    line = " ".join(cypher.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
