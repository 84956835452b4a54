"""Exit codes of the command line, and the one line that says what went wrong.

0 done · 1 done but something was refused · 2 wrong use · 3 a store or service could not be reached,
the workspace is held, the port is taken or the disk is full.
"""

import errno

import duckdb

from analytics.errors import AnalyticsError, UnknownModel
from api.errors import Busy, DiskFull, DoorError, PortTaken
from api.identity.tokens import TokenRefused
from api.identity.users import SignInRefused
from api.settings import SettingsError
from casework.errors import CaseworkError
from graph.errors import GraphError, StatementFailed, StatementTimedOut, StoreUnreachable
from ingest.errors import IngestError
from queries.errors import QueryError
from records.errors import RecordsError

DONE, REFUSED, WRONG_USE, UNREACHABLE = 0, 1, 2, 3
# The first that fits counts.
EXIT_BY_ERROR: tuple[tuple[type[Exception], int], ...] = (
    (Busy, UNREACHABLE),
    (PortTaken, UNREACHABLE),
    (DiskFull, UNREACHABLE),
    (StoreUnreachable, UNREACHABLE),
    (StatementTimedOut, UNREACHABLE),
    (StatementFailed, WRONG_USE),
    (GraphError, WRONG_USE),
    (SettingsError, WRONG_USE),
    (QueryError, WRONG_USE),
    (UnknownModel, WRONG_USE),
    (AnalyticsError, WRONG_USE),
    (IngestError, WRONG_USE),
    (CaseworkError, WRONG_USE),
    (TokenRefused, WRONG_USE),
    (SignInRefused, WRONG_USE),
    (DoorError, WRONG_USE),
    (RecordsError, REFUSED),
)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether the error, or what caused it, is a disk without room."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, duckdb.Error) and "No space left" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def exit_code(error: Exception) -> int | None:
    """Exit code for an error of ours, ``None`` for one that nobody foresaw."""
    if is_disk_full(error):
        return UNREACHABLE
    return next((code for kind, code in EXIT_BY_ERROR if isinstance(error, kind)), None)


def one_line(error: Exception) -> str:
    """The error as one line for people."""
    text = " ".join(str(error).split())
    if is_disk_full(error) and not isinstance(error, IngestError):
        return f"磁盘已满，未完成的部分没有写入；请腾出空间后重新运行（{text}）"
    return text or type(error).__name__
