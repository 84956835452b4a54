"""Grades of a case of HW-11: sums over rounds, windows, years and episodes (GRAPH_MODELS)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum

from analytics.loop_case import grave_terms
from analytics.loop_suspicion import RoundFacts
from records.clock import shanghai_day


@dataclass(frozen=True, slots=True)
class GradeRules:
    """What grades are made of: days in ``_days``, tonnes in ``_t``, distinct days of a repeat."""

    short_days: int
    episode_gap_days: int
    repeat_count: int
    repeat_days: int
    heavy_t: float
    yearly_t: float
    year_days: int


def grave_tonnes(facts: Sequence[RoundFacts]) -> tuple[float, ...]:
    """Tonnes of the rounds for which each term of grade 1 holds."""
    held = [(grave_terms(fact), fact.tonnes) for fact in facts]
    return tuple(fsum(tonnes for terms, tonnes in held if terms[at]) for at in range(3))


def yearly_tonnes(
    facts: Sequence[RoundFacts], among: Sequence[RoundFacts], rules: GradeRules
) -> list[float]:
    """Tonnes of the rounds ``among`` those of a node set in the 12 months up to each one's end."""
    year = timedelta(days=rules.year_days)
    ordered = sorted(among, key=lambda f: f.round.ended_at)
    ends, tonnes = [f.round.ended_at for f in ordered], [f.tonnes for f in ordered]
    return [
        fsum(tonnes[bisect_right(ends, end - year) : bisect_right(ends, end)])
        for end in (f.round.ended_at for f in facts)
    ]


def in_heavy_year(facts: Sequence[RoundFacts], rules: GradeRules) -> list[bool]:
    """Whether each round is part of 12 months whose rounds carry enough for grade 1."""
    year = timedelta(days=rules.year_days)
    sums = yearly_tonnes(facts, facts, rules)
    heavy = sorted(
        f.round.ended_at for f, sum_t in zip(facts, sums, strict=True) if sum_t >= rules.yearly_t
    )
    return [
        bisect_left(heavy, end) < bisect_left(heavy, end + year)
        for end in (f.round.ended_at for f in facts)
    ]


def most_in_window(facts: Sequence[RoundFacts], days: int) -> int:
    """Most distinct days within ``days`` on which loops begin."""
    starts = sorted({shanghai_day(f.round.started_at) for f in facts})
    span = timedelta(days=days)
    counts = (bisect_right(starts, day + span) - at for at, day in enumerate(starts))
    return max(counts, default=0)


def episodes_of(facts: Sequence[RoundFacts], gap_days: int) -> list[list[RoundFacts]]:
    """Rounds of one node set cut where nothing ran for ``gap_days``."""
    episodes: list[list[RoundFacts]] = []
    gap, last = timedelta(days=gap_days), None
    for fact in sorted(facts, key=lambda f: (f.round.started_at, f.round.hops[0].edges)):
        if last is not None and fact.round.started_at - last <= gap:
            episodes[-1].append(fact)
            last = max(last, fact.round.ended_at)
        else:
            episodes.append([fact])
            last = fact.round.ended_at
    return episodes


def told_episodes(facts: Sequence[RoundFacts], rules: GradeRules) -> list[list[RoundFacts]]:
    """Episodes of the rounds that are told: short ones, and longer ones that make a grade 1.

    A longer round is told with others of its episode when the tonnes of a grave term of its own
    reach in sum what grade 1 wants, or the tonnes of its year do.
    """
    in_year = {
        id(fact)
        for fact, is_heavy in zip(facts, in_heavy_year(facts, rules), strict=True)
        if is_heavy
    }
    kept = list(facts)
    while True:
        episodes = episodes_of(kept, rules.episode_gap_days)
        told = []
        for episode in episodes:
            is_heavy = [tonnes >= rules.heavy_t for tonnes in grave_tonnes(episode)]
            told += [
                fact
                for fact in episode
                if fact.round.days <= rules.short_days
                or id(fact) in in_year
                or any(
                    held and heavy for held, heavy in zip(grave_terms(fact), is_heavy, strict=True)
                )
            ]
        # Without a round an episode may fall apart, and its sums with it.
        if len(told) == len(kept):
            return episodes
        kept = told


def grade_of(
    facts: Sequence[RoundFacts], has_shared: bool, year_t: float, rules: GradeRules
) -> int:
    """Grade of rounds of one episode by GRAPH_MODELS, before caps."""
    if year_t >= rules.yearly_t or max(grave_tonnes(facts)) >= rules.heavy_t:
        return 1
    suspicious = fsum(
        f.tonnes for f in facts if any(grave_terms(f)) or f.no_treatment or has_shared
    )
    days_begun = most_in_window(facts, rules.repeat_days)
    return 2 if days_begun >= rules.repeat_count or suspicious >= rules.heavy_t else 3
