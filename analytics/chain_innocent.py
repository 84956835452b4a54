"""Innocent explanations of a hidden chain: tested for all firms between, they lower or clear it.

An explanation by what the firms are caps the grade. What is left a mere reminder is cleared by one
explanation, a warning only by two of different kind: what the firms are, and that the goods were
paid for as goods are. A grade 1 is never cleared, and nothing is explained for a firm that is tied
to an offender by its price.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.chain_case import ChainCase
from analytics.shell_terms import ShellFacts
from graph.types import Cap, InnocentCheck

MILD, WARNING = 3, 2
SITE = "site:"
TRADE_WORDS = re.compile("贸易|销售|批发|零售|代理")
CAP_REASONS = {
    "trading_company": "中间单位均为有实际用工或正常用电、成立一年以上的贸易企业",
    "new_logistics_firm": "中间单位均持有有效道路运输经营许可",
    "family_firm": "产废单位与中间单位同属一个控制关系",
    "licensed_body": "中间单位均持有有效危险废物经营许可",
    "operating_firm": "中间单位均成立一年以上且有相当用工，不是空壳",
}


@dataclass(frozen=True, slots=True)
class InnocentRules:
    """What makes a firm real and a price ordinary.

    ``age_days`` and more than ``insured`` on the payroll, or ``power_normal`` of the peers' power,
    make a trader; ``staff`` on the payroll an operating firm; each resale between ``price_low``
    and ``price_high`` of the price before it is trade.
    """

    age_days: int
    insured: int
    power_normal: float
    staff: int
    price_low: float
    price_high: float


def innocent_checks(
    case: ChainCase, facts: Mapping[str, ShellFacts], rules: InnocentRules
) -> tuple[InnocentCheck, ...]:
    """Every explanation with its result, for all firms between together."""
    own = [facts[node] for node in case.chain.middle]
    ignored = {kind for f in own for kind, _ in f.ignored_identifiers}
    return (
        _check(
            "trading_company",
            _all([is_trader(f, case.age_days(at), rules) for at, f in enumerate(own)]),
        ),
        _check("new_logistics_firm", all(f.is_carrier for f in own)),
        _check("incubator_address", "address" in ignored),
        _check("bookkeeper_phone", "phone" in ignored),
        _check("family_firm", case.is_group),
        _check("licensed_body", all(f.is_licensed for f in own)),
        _check(
            "operating_firm",
            _all([_is_operating(f, case.age_days(at), rules) for at, f in enumerate(own)]),
        ),
        _check("ordinary_price", has_ordinary_price(case, facts, rules)),
    )


def _check(code: str, holds: bool | None) -> InnocentCheck:
    if holds is None:
        return InnocentCheck(code, False, "unknown")
    return InnocentCheck(code, True, "holds" if holds else "ruled_out")


def _all(results: list[bool | None]) -> bool | None:
    """True when all are, False when one is not, else unknown."""
    if False in results:
        return False
    return None if None in results else True


def is_trader(fact: ShellFacts, age_days: float | None, rules: InnocentRules) -> bool | None:
    """A trading firm with years, and staff or power of its own; None where that is not known."""
    if not fact.scope or age_days is None:
        return None
    if TRADE_WORDS.search(fact.scope) is None or age_days < rules.age_days:
        return False
    power = fact.value("power_ratio")
    signs = [
        None if fact.insured is None else fact.insured > rules.insured,
        None if power is None else power >= rules.power_normal,
    ]
    return True if True in signs else None if None in signs else False


def _is_operating(fact: ShellFacts, age_days: float | None, rules: InnocentRules) -> bool | None:
    if fact.offenders:
        return False
    if fact.insured is None or age_days is None:
        return None
    return fact.insured >= rules.staff and age_days >= rules.age_days


def has_ordinary_price(
    case: ChainCase, facts: Mapping[str, ShellFacts], rules: InnocentRules
) -> bool | None:
    """Every firm sold on at a trade margin and nobody was paid for taking the goods.

    Waste costs money to be rid of: in a hidden chain the price falls from hand to hand, money runs
    back as fees, or the goods end without a price. A works that bought them from a firm between
    uses them up, and what it sends on is its own; a place is nobody's customer. None where a
    firm's prices are not known.
    """
    middle, ratios = case.chain.middle, case.price_ratios
    users = (
        place
        for place, node in enumerate(middle)
        if place
        and ratios[place] is None
        and _is_operating(facts[node], case.age_days(place), rules)
    )
    is_place = case.chain.end.startswith(SITE)
    resold = len(middle) if is_place else next(users, len(middle))
    if any(price.fee_yuan > 0 for price in case.prices[: resold + 1]):
        return False
    known = [ratio for ratio in ratios[:resold] if ratio is not None]
    if any(not rules.price_low <= ratio <= rules.price_high for ratio in known):
        return False
    return True if len(known) == resold else None


def caps_of(checks: tuple[InnocentCheck, ...]) -> tuple[Cap, ...]:
    """Caps of the explanations that hold by what the firms are."""
    held = _held(checks)
    return tuple(Cap(code, MILD, text) for code, text in CAP_REASONS.items() if code in held)


def is_cleared(
    case: ChainCase, facts: Mapping[str, ShellFacts], checks: tuple[InnocentCheck, ...]
) -> bool:
    """Whether the explanations leave nothing to tell."""
    held = _held(checks)
    by_firm = not held.isdisjoint(CAP_REASONS)
    is_tied = any(facts[node].offenders for node in case.chain.middle)
    by_price = "ordinary_price" in held and not is_tied
    if case.grade == MILD:
        return by_firm or by_price
    return case.grade == WARNING and by_firm and by_price


def _held(checks: tuple[InnocentCheck, ...]) -> set[str]:
    return {check.code for check in checks if check.result == "holds"}
