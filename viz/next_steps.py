"""Which steps the state machine knows from a state, in words; moving a lead is casework."""

from dataclasses import dataclass

from casework.machine import LeadFacts, Timer, Verdict, next_steps
from viz.lead_words import SPAN_ZH


@dataclass(frozen=True, slots=True)
class NextStep:
    """One transition; ``limit_zh`` is its time limit in words, empty without one.

    ``verdict`` says whether its guard holds for the lead, ``reason_zh`` why or why not.
    """

    event: str
    to_state: str
    actor: str
    guard: str
    limit_zh: str
    verdict: Verdict
    reason_zh: str


def _limit(timer: Timer | None) -> str:
    if timer is None or not timer.amount:
        return ""
    return f"{timer.amount} {SPAN_ZH.get(timer.calendar, timer.calendar)}"


def steps_from(state: str, facts: LeadFacts) -> list[NextStep]:
    """Transitions that leave ``state``, in the order of the machine."""
    return [
        NextStep(
            step.transition.event,
            step.transition.to_state,
            step.transition.actor,
            step.transition.guard,
            _limit(step.transition.timer),
            step.verdict,
            step.reason_zh,
        )
        for step in next_steps(state, facts)
    ]
