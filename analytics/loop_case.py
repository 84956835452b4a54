"""A case of HW-11: the rounds of one node set in one episode, and its terms with their verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.affiliation import Row
from analytics.loop_suspicion import RoundFacts

ROUNDS_SHOWN = 12


def grave_terms(fact: RoundFacts) -> tuple[bool, bool, bool]:
    """Terms of grade 1 that hold for a round: paper only, code without licence, refund."""
    return bool(fact.paper_only), bool(fact.unlicensed_change), bool(fact.refund)


@dataclass(frozen=True, slots=True)
class Case:
    """Rounds of one node set in one episode with what was found; ``grade`` before caps.

    ``shared`` are identifiers that parties share, ``identified`` counts the parties of which any is
    known; ``is_group`` is None where somebody's owners are not known. ``days_begun`` is the most
    distinct days within the repeat window on which rounds begin, ``yearly_t`` the 12-month sum,
    ``note`` says what the search left out; ``is_whole`` is False when it ended before all rounds of
    these parties were counted. ``grade_without_packaging`` is that of the rounds that bring no
    packaging back, None when there are none.
    """

    nodes: tuple[str, ...]
    facts: tuple[RoundFacts, ...]
    shared: tuple[Row, ...]
    identified: int
    is_group: bool | None
    days_begun: int
    yearly_t: float
    note: str
    is_whole: bool
    grade: int
    grade_without_packaging: int | None

    @property
    def tonnes(self) -> float:
        """Known tonnes that went round."""
        return sum(fact.tonnes for fact in self.facts)

    @property
    def told(self) -> tuple[RoundFacts, ...]:
        """Rounds in the order in which they are told: what accuses first, the heaviest ahead."""

        def place(fact: RoundFacts) -> tuple[object, ...]:
            grave = sum(grave_terms(fact))
            weight = fact.tonnes if grave or fact.no_treatment else 0.0
            start = fact.round.started_at, fact.round.hops[0].edges
            return -grave, not fact.no_treatment, -weight, *start

        return tuple(sorted(self.facts, key=place))

    @property
    def shown(self) -> tuple[RoundFacts, ...]:
        """Rounds whose records are in the evidence."""
        return self.told[:ROUNDS_SHOWN]

    @property
    def order(self) -> tuple[str, ...]:
        """Nodes as the round that is told first passes them."""
        return tuple(hop.source for hop in self.told[0].round.hops)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the statistics are held against."""

    flow_low: float
    dwell_h: float
    power_ratio: float
    cameras_needed: int
    repeat_count: int
    repeat_days: int
    yearly_t: float
    year_days: int
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
    # Two parties that share something are found; that they share nothing needs both to be known.
    tied = case.identified if case.shared or case.identified == len(case.nodes) else 0
    return (
        of_rounds("no_treatment", "untreated_loops", [f.no_treatment for f in facts]),
        of_rounds("code_changed", "unlicensed_changes", [f.unlicensed_change for f in facts]),
        of_rounds("paper_only", "paper_loops", [f.paper_only for f in facts]),
        Term("shared_identifier", "shared_identifiers", float(len(case.shared)), 1.0,
             "identifiers", tied),
        of_rounds("vat_refund", "refund_claimed", [f.refund for f in facts]),
        Term("repeated", "loops_90d", float(case.days_begun), float(repeat_count), "loops",
             len(facts)),
    )  # fmt: skip
