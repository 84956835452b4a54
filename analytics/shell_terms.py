"""What is asked of a firm between: the terms of HW-10, their points, and the facts of one firm.

Every term says True, False, or None where it could not be tested.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from graph.types import Evidence

TERMS: dict[str, tuple[int, str]] = {
    "age_days": (1, "d"),
    "insured_count": (1, "persons"),
    "scope_without_waste": (1, "1"),
    "offender_links": (2, "links"),
    "byproduct_generators": (1, "generators"),
    "power_ratio": (1, "1"),
    "pass_through_share": (1, "1"),
}


@dataclass(frozen=True, slots=True)
class ShellRules:
    """Thresholds of the terms; units in the names, shares 0 to 1."""

    age_days: int
    insured_count: int
    busy_t: float
    busy_yuan: float
    scope_words: str
    degree_cap: int
    offence_days: int
    byproduct_generators: int
    power_ratio: float
    power_peers: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Term:
    """One term of one firm: value held against the threshold; ``rows`` behind it."""

    name: str
    holds: bool | None
    value: float | None
    threshold: float
    rows: tuple[Evidence, ...] = ()
    n: int | None = None

    @property
    def points(self) -> int:
        """What the term adds to the suspicion."""
        return TERMS[self.name][0] if self.holds else 0


@dataclass(slots=True)
class ShellFacts:
    """What is known of one firm between; ``terms`` in the order of TERMS."""

    organization: str
    terms: list[Term] = field(default_factory=list)
    volume_t: float = 0.0
    volume_yuan: float = 0.0
    scope: str = ""
    founded_on: date | None = None
    insured: int | None = None
    ignored_identifiers: tuple[tuple[str, int], ...] = ()
    is_carrier: bool = False
    is_licensed: bool = False
    offenders: tuple[tuple[str, str, int], ...] = ()

    def terms_on(self, day: date) -> tuple[Term, ...]:
        """The terms as of a day: a firm that was young then may be old at its next chain."""
        if self.founded_on is None:
            return tuple(self.terms)
        age = float((day - self.founded_on).days)
        return tuple(
            replace(term, value=age, holds=age < term.threshold)
            if term.name == "age_days"
            else term
            for term in self.terms
        )

    def value(self, name: str) -> float | None:
        """Value of a term, None where it could not be tested."""
        return next((term.value for term in self.terms if term.name == name), None)


def pass_through(shares: Sequence[float], low: float, high: float, is_licensed: bool) -> Term:
    """Rapid pass-through at a firm of one chain.

    Parameters
    ----------
    shares
        ``(in - out) / in`` of lots handed on within the days allowed.
    low, high
        The difference that speaks of a cut: DOMAIN gives 5 to 40 %.
    is_licensed
        A firm with a licence for hazardous waste hands on by trade: the term does not hold.
    """
    inside = [share for share in shares if low <= share <= high]
    if not shares:
        return Term("pass_through_share", None, None, low)
    value = inside[0] if inside else min(shares, key=lambda share: (abs(share - low), share))
    return Term("pass_through_share", bool(inside) and not is_licensed, value, low, (), len(shares))
