"""The funnel plot: limits against brute force, what is drawn, and where it stands."""

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest

from tests.unit.analytics.ring_lake import RingLake
from tests.unit.viz.findings import evidence_row, finding_of, lead_file, loop
from viz.briefing.content import Briefing, build_briefing
from viz.briefing.docx_file import briefing_docx
from viz.briefing.html_page import briefing_html
from viz.funnel import Funnel, funnel_figure, funnel_of, limits
from viz.picture import picture_of


def tail(sites: int, share: float, counts: range) -> float:
    """Chance that the number of anomalous sites is one of ``counts``, over all outcomes."""
    return sum(
        share ** sum(outcome) * (1 - share) ** (sites - sum(outcome))
        for outcome in product((0, 1), repeat=sites)
        if sum(outcome) in counts
    )


@pytest.mark.parametrize("sites", [1, 2, 5, 9])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.93])
@pytest.mark.parametrize("outside", [0.025, 0.001])
def test_a_point_is_outside_exactly_when_its_tail_is_small(
    sites: int, share: float, outside: float
) -> None:
    low, high = limits(sites, share, outside)
    for count in range(sites + 1):
        is_high = tail(sites, share, range(count, sites + 1)) <= outside
        is_low = tail(sites, share, range(count + 1)) <= outside
        assert (count / sites > high) == is_high
        assert (count / sites < low) == is_low


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (1.0, 5)])
def test_a_share_of_none_or_all_leaves_one_outcome_inside(share: float, count: int) -> None:
    low, high = limits(5, share, 0.025)
    assert [n for n in range(6) if low <= n / 5 <= high] == [count]


def test_the_funnel_narrows() -> None:
    widths = [high - low for low, high in (limits(n, 0.2, 0.025) for n in (10, 100, 1_000))]
    assert widths[0] > widths[1] > widths[2]


def ring_briefing() -> Briefing:
    own = [f"s{n}" for n in range(6)]
    (draft,) = RingLake().tied().anomalies([*own, "o1"]).drafts()
    sql, other = loop()
    finding = finding_of(draft, "TP-06")
    return build_briefing(
        replace(lead_file(other, (evidence_row(2),)), finding=finding),
        picture_of(sql, other), unit_name="某市联合值班中心", on=datetime(2026, 11, 2, 8, 30),
    )  # fmt: skip


def test_the_finding_of_a_ring_gives_its_funnel() -> None:
    funnel = ring_briefing().funnel
    assert funnel is not None
    assert (funnel.sites, funnel.anomalous) == (6, 6)
    assert 0 < funnel.expected < 0.2
    # Three others with ten sites each, of which one is anomalous.
    assert funnel.peers == ((10, 0, 2), (10, 1, 1))


def test_a_finding_without_shares_has_none() -> None:
    _, finding = loop()
    assert funnel_of(finding) is None


def test_paper_shows_it_beside_the_network_in_both_forms() -> None:
    briefing = ring_briefing()
    page = briefing_html(briefing)
    assert page.count("<figure") == 2
    assert "漏斗图" in page
    with zipfile.ZipFile(io.BytesIO(briefing_docx(briefing))) as document:
        assert len([name for name in document.namelist() if "media/" in name]) == 2
    plain = replace(briefing, funnel=None)
    assert briefing_html(plain).count("<figure") == 1


EDGE = {
    "one site": Funnel(1, 1, 0.2, ()),
    "nothing expected": Funnel(3, 1, 0.0, ((1, 0, 4),)),
    "all expected": Funnel(3, 3, 1.0, ((3, 3, 1),)),
    "thousands of sites": Funnel(40, 9, 0.05, ((4_000, 200, 1), (1, 0, 900))),
}


@pytest.mark.parametrize("name", EDGE)
def test_it_is_drawn_and_equal_bytes(name: str) -> None:
    drawn = funnel_figure(EDGE[name])
    assert drawn.startswith(b"<?xml")
    assert funnel_figure(EDGE[name]) == drawn
