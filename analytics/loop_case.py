"""A case of HW-11: the rounds of one node set in one episode, and its terms with their verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.affiliation import Row
from analytics.loop_suspicion import RoundFacts


@dataclass(frozen=True, slots=True)
class Case:
    """Rounds of one node set in one episode with what was found; ``grade`` before caps.

    ``loops`` is the most rounds within the repeat window, ``yearly_t`` the 12-month sum, ``note``
    says what the search left out.
    """

    nodes: tuple[str, ...]
    facts: tuple[RoundFacts, ...]
    shared: tuple[Row, ...]
    is_group: bool
    loops: int
    yearly_t: float
    note: str
    grade: int

    @property
    def tonnes(self) -> float:
        """Known tonnes that went round."""
        return sum(fact.tonnes for fact in self.facts)

    @property
    def order(self) -> tuple[str, ...]:
        """Nodes as the first round passes them."""
        return tuple(hop.source for hop in self.facts[0].round.hops)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the statistics are held against."""

    flow_low: float
    dwell_h: float
    power_ratio: float
    cameras_needed: int
    repeat_count: int
    yearly_t: float
    heavy_t: float


@dataclass(frozen=True, slots=True)
class Term:
    """A term of suspicion: ``value`` of ``n`` tested; it holds from ``threshold`` on.

    Without anything tested (``n`` 0) it says nothing either way.
    """

    code: str
    statistic: str
    value: float
    threshold: float
    unit: str
    n: int

    @property
    def holds(self) -> bool | None:
        """True, False, or None where it could not be tested."""
        return self.value >= self.threshold if self.n else None


def terms_of(case: Case, repeat_count: int) -> tuple[Term, ...]:
    """The six terms of GRAPH_MODELS HW-11; those of rounds count the rounds where they hold."""

    def of_rounds(code: str, statistic: str, values: Sequence[bool | None]) -> Term:
        known = [value for value in values if value is not None]
        return Term(code, statistic, float(sum(known)), 1.0, "loops", len(known))

    facts = case.facts
    return (
        of_rounds("no_treatment", "untreated_loops", [f.no_treatment for f in facts]),
        of_rounds("code_changed", "unlicensed_changes", [f.unlicensed_change for f in facts]),
        of_rounds("paper_only", "paper_loops", [f.paper_only for f in facts]),
        Term("shared_identifier", "shared_identifiers", float(len(case.shared)), 1.0,
             "identifiers", len(case.nodes)),
        of_rounds("vat_refund", "refund_claimed", [f.refund for f in facts]),
        Term("repeated", "loops_90d", float(case.loops), float(repeat_count), "loops", len(facts)),
    )  # fmt: skip
