"""What failed and where, without a word of whose data: types, files, lines and functions."""

from collections.abc import Iterator
from traceback import walk_tb


def trace_of(error: BaseException) -> str:
    """Types of an error and of its causes, each with the places it passed, innermost last."""
    return "\n".join(_places(error, set()))


def _places(error: BaseException, seen: set[int]) -> Iterator[str]:
    # An error can be, over some steps, its own context.
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _places(cause, seen)
        yield "then"
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    for frame, line in walk_tb(error.__traceback__):
        code = frame.f_code
        yield f"  {code.co_filename}:{line} in {code.co_qualname}"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _places(part, seen)
