"""Which steps the state machine knows from a state, for reading; moving a lead is casework."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from viz.lead_words import SPAN_ZH


@dataclass(frozen=True, slots=True)
class NextStep:
    """One transition; ``limit_zh`` is its time limit in words, empty without one."""

    event: str
    to_state: str
    actor: str
    guard: str
    limit_zh: str


@cache
def _transitions() -> tuple[dict[str, object], ...]:
    text = (files("records") / "data" / "state_machine.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["transitions"])


def _limit(timer: object) -> str:
    if not isinstance(timer, list) or not timer[0]:
        return ""
    amount, _, span, *_ = timer
    return f"{amount} {SPAN_ZH.get(str(span), str(span))}"


def steps_from(state: str) -> list[NextStep]:
    """Transitions that leave ``state``, in the order of the machine."""
    return [
        NextStep(
            str(t["event"]),
            str(t["to"]),
            str(t["actor"]),
            str(t["guard"] or ""),
            _limit(t["timer"]),
        )
        for t in _transitions()
        if t["from"] == state
    ]
