"""Logs without values: what is written says what failed and where, never on whose data.

Variables of frames hold tokens, passwords and rows, and messages of libraries quote the cells that
they stumbled over. So a trace here is the types of the errors, files, lines and functions; texts
that are logged pass through the masks of L4 values and lose what looks like a credential.

Logs go to stderr: readable lines on a terminal, one JSON object per line elsewhere.
"""

import logging
import re
import secrets
import sys
from types import TracebackType

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from api.trace import trace_of
from records.masking import mask_text

HIDDEN = "[已隐去]"
# (what surrounds a credential, what is left of it)
CREDENTIALS = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]+", re.I), rf"\1 {HIDDEN}"),
    # A signed token as such: three base64url parts, the first a JSON object.
    (re.compile(r"\beyJ[\w-]*\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (
        re.compile(r"\b(\w*(?:password|passwd|secret|token|cookie)\w*\s*[=:]\s*)[^\s,;&}]+", re.I),
        rf"\1{HIDDEN}",
    ),
)


def without_values(text: str) -> str:
    """``text`` with credentials hidden and what looks like a personal number masked."""
    for pattern, left in CREDENTIALS:
        text = pattern.sub(left, text)
    return mask_text(text)


def report_unexpected(error: BaseException) -> str:
    """Log an error that nobody foresaw; its reference number, for the person who met it."""
    reference = secrets.token_hex(4)
    # The trace is made here and not by a renderer: whatever renders may know only its text.
    structlog.get_logger().error("unexpected", reference=reference, exception=trace_of(error))
    return reference


def configure_logging() -> None:
    """Send what this program and its libraries log to stderr, without values."""
    is_terminal = sys.stderr.isatty()
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if is_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    marks: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=marks,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                _trace_for_error,
                _hide_values,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # A web server set up otherwise in this process would go on printing errors with their values.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
    structlog.configure(
        processors=[*marks, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _trace_for_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A trace of types and places where a renderer would have printed the error itself."""
    error = _error_of(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = trace_of(error)
    return event


def _error_of(
    given: BaseException | tuple[object, BaseException | None, TracebackType | None] | bool | None,
) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1]
    return sys.exception() if given else None


def _hide_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {
        key: without_values(value if isinstance(value, str) else repr(value))
        if not isinstance(value, int | float | None)
        else value
        for key, value in event.items()
    }
