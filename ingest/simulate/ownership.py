"""Who owns and who runs firms, where that is not left to chance."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Stake:
    """A share of ``pct`` percent of ``firm``, held by another firm or by a person."""

    firm: int
    pct: float
    holder_firm: int | None = None
    holder_person: int | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """An office that ``person`` holds, or held until ``to_on``, in ``firm``."""

    firm: int
    person: int
    title: str
    from_on: date | None = None
    to_on: date | None = None


@dataclass(slots=True)
class Ownership:
    """Stakes and posts set on purpose; a firm without any stake gets two natural holders."""

    stakes: list[Stake] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def sell_out(self, firms: list[int]) -> None:
        """Whoever holds ``firms`` on purpose holds them no longer."""
        self.stakes = [stake for stake in self.stakes if stake.firm not in firms]

    def owned_by_firm(self, holder: int, firms: list[int], pct: float = 100.0) -> None:
        """``holder`` owns ``pct`` percent of each of ``firms``."""
        self.stakes.extend(Stake(firm, pct, holder_firm=holder) for firm in firms)

    def owned_by_person(self, person: int, firms: list[int], pct: float = 100.0) -> None:
        """``person`` owns ``pct`` percent of each of ``firms``."""
        self.stakes.extend(Stake(firm, pct, holder_person=person) for firm in firms)
