"""A function in a process of its own that may take so long and no longer."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from api.bench.apart import peak_mib

ENDED_BY_TIME = "time"


def run_bounded(
    bound_s: float, function: Callable[..., dict[str, Any]], *arguments: Any
) -> dict[str, Any]:
    """The document that ``function`` gives, with ``peak_mib`` of its process.

    When it takes longer than ``bound_s`` seconds it is stopped, and the document says only
    ``ended`` and ``bound_s``. The time to start the process does not count.

    Parameters
    ----------
    function
        A function of a module, since it is found by its name in the new process.
    arguments
        What it is called with; they are copied.

    Raises
    ------
    RuntimeError
        When the process ends without an answer; what it printed says why.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, function, arguments))
    process.start()
    sender.close()
    try:
        receiver.recv()
        if not receiver.poll(bound_s):
            return {"ended": ENDED_BY_TIME, "bound_s": bound_s}
        found: dict[str, Any] = receiver.recv()
    except EOFError:
        process.join()
        raise RuntimeError(
            f"{function}: 进程以退出码 {process.exitcode} 结束，未给出结果；原因见上方输出"
        ) from None
    finally:
        if process.is_alive():
            process.terminate()
        process.join()
        receiver.close()
    return found


def _answer(
    sender: Connection, function: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]
) -> None:
    # The process has started and has loaded its modules: from now on time counts.
    sender.send(None)
    found = function(*arguments)
    sender.send({"peak_mib": peak_mib()} | found)
    sender.close()
