"""Conflicts of samplers and instruments as cases: episodes, and the worst window of each."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl

Row = dict[str, Any]
MILD = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """Conflicts of one subject in one window; ``jobs`` are its visits in it."""

    hard: int
    soft: int
    jobs: int
    instrument_overlaps: int = 0


@dataclass(frozen=True, slots=True)
class Windows:
    """``window_days`` over which conflicts are counted, ``gap_days`` that end an episode.

    From ``lead_repeat`` overlaps in a window on, "two teams, one leader's signature" clears none.
    """

    window_days: int
    gap_days: int
    lead_repeat: int


@dataclass(frozen=True, slots=True)
class Case:
    """One subject's conflicts in one episode, worst of each visit first; its worst window."""

    subject_kind: str
    subject: str
    body: str
    conflicts: tuple[Row, ...]
    tally: Tally
    grade: int


def cases_of(
    conflicts: pl.DataFrame,
    visits: pl.DataFrame,
    windows: Windows,
    grade_of: Callable[[Tally], int],
) -> list[Case]:
    """Cases of all subjects.

    Parameters
    ----------
    conflicts, visits
        As ``analytics.sampler_jobs`` gives them, conflicts sorted by subject and time.
    """
    by_subject: dict[str, list[datetime]] = {}
    for subject, _, act_at in visits.iter_rows():
        by_subject.setdefault(subject, []).append(act_at)
    cases: list[Case] = []
    for (kind, subject), rows in groupby(
        conflicts.iter_rows(named=True), key=lambda r: (r["subject_kind"], r["subject"])
    ):
        times = sorted(by_subject.get(subject, []))
        for episode in _episodes(_worst_of_visits(rows), windows.gap_days):
            tally, level = _worst_window(episode, times, windows, grade_of)
            bodies = Counter(str(r["body"]) for r in episode)
            body = min(bodies, key=lambda b: (-bodies[b], b))
            if level:
                cases.append(Case(kind, subject, body, tuple(episode), tally, level))
    return cases


def _worst_of_visits(rows: Any) -> list[Row]:
    """One conflict per visit: a form that clashes with three others is one false form."""
    worst: dict[str, Row] = {}
    for row in rows:
        held = worst.get(row["visit"])
        rank = (not row["is_hard"], row["is_two_teams"], row["gap_min"] or 0.0)
        if held is None or rank < (
            not held["is_hard"],
            held["is_two_teams"],
            held["gap_min"] or 0.0,
        ):
            worst[row["visit"]] = row
    return sorted(worst.values(), key=lambda r: (r["act_at"], r["visit"]))


def _episodes(rows: Sequence[Row], gap_days: int) -> list[list[Row]]:
    episodes: list[list[Row]] = []
    for row in rows:
        if episodes and row["act_at"] - episodes[-1][-1]["act_at"] <= timedelta(days=gap_days):
            episodes[-1].append(row)
        else:
            episodes.append([row])
    return episodes


def _worst_window(
    episode: Sequence[Row],
    visits: Sequence[datetime],
    windows: Windows,
    grade_of: Callable[[Tally], int],
) -> tuple[Tally, int]:
    """The tally with the gravest grade over windows that end with a conflict, most hits first."""
    best: tuple[tuple[int, int, int, int], Tally, int] | None = None
    span = timedelta(days=windows.window_days)
    for last in episode:
        end = last["act_at"]
        inside = [r for r in episode if end - span < r["act_at"] <= end]
        jobs = bisect_right(visits, end) - bisect_left(visits, end - span)
        tally = _tally(inside, max(jobs, len(inside)), windows)
        level = grade_of(tally)
        rank = (level or MILD + 1, -tally.hard, -tally.soft, tally.jobs)
        if best is None or rank < best[0]:
            best = (rank, tally, level)
    assert best is not None, "an episode has at least one conflict"  # noqa: S101 - invariant
    return best[1], best[2]


def _tally(rows: Sequence[Row], jobs: int, windows: Windows) -> Tally:
    overlaps = sum(r["conflict"] == "instrument" for r in rows)
    two_teams = sum(r["is_hard"] and r["is_two_teams"] for r in rows)
    hard = sum(r["is_hard"] and not r["is_two_teams"] for r in rows)
    if two_teams >= windows.lead_repeat:
        hard, two_teams = hard + two_teams, 0
    soft = sum(not r["is_hard"] for r in rows) + two_teams
    return Tally(hard, soft, jobs, overlaps)
