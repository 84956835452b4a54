"""The price ladder of a chain: tonnes, prices and fees of each hop, and who profits by how much.

Licensed disposal is the yardstick: what the generator did not pay for it is what there was to earn.
"""

from collections.abc import Mapping, Sequence

from analytics.chain_case import ChainCase, hop_edges
from analytics.chain_pass_through import Row
from analytics.chain_prices import margins

# Less than this is nothing in the 10,000 yuan with one decimal in which it is told.
SPOKEN_FROM_YUAN = 500.0


def hop_tonnes(edges: Sequence[int], about: Mapping[int, Row]) -> float:
    """Known tonnes of the edges together."""
    return sum(float(str(about[e]["tonnes"])) for e in edges if about[e]["tonnes"] is not None)


def ladder(case: ChainCase, about: Mapping[int, Row]) -> dict[str, float]:
    """Figures of the chain by name; units in the names, yuan per tonne of the hop into a node.

    ``nodeN_margin_yuan`` is what stayed with a firm between, ``end_income_yuan`` what the end was
    paid less what it paid for goods, ``generator_saved_yuan`` what licensed disposal would have
    cost the generators more than they paid. What no invoice tells is left out.
    """
    hops = hop_edges(case.chain, about)
    tonnes = [hop_tonnes(edges, about) for edges in hops]
    found = {
        "waste_t": round(tonnes[0], 6),
        "hops": float(len(hops)),
        "edges": float(len(case.chain.edges)),
        "paths": float(len(case.chain.paths)),
        "generators": float(len(case.chain.generators)),
    }
    for number, (moved, price) in enumerate(zip(tonnes, case.prices, strict=True), 1):
        found[f"hop{number}_t"] = round(moved, 6)
        if price.goods.yuan_t is not None:
            found[f"hop{number}_price_yuan_t"] = round(price.goods.yuan_t, 2)
        if price.fee_yuan_t is not None:
            found[f"hop{number}_fee_yuan_t"] = round(price.fee_yuan_t, 2)
    for number, (margin, moved) in enumerate(zip(margins(case.prices), tonnes, strict=False), 1):
        if margin is not None:
            found[f"node{number}_margin_yuan"] = round(margin, 2)
            if moved > 0:
                found[f"node{number}_margin_yuan_t"] = round(margin / moved, 2)
    first, last = case.prices[0], case.prices[-1]
    if last.has_money:
        found["end_income_yuan"] = round(last.fee_yuan - last.goods.yuan, 2)
    if first.has_money:
        found["generator_income_yuan"] = round(first.goods.yuan - first.fee_yuan, 2)
    if case.licensed_yuan_t is not None:
        found["licensed_price_yuan_t"] = round(case.licensed_yuan_t, 2)
    if (saved := _saved(case, tonnes[0])) is not None:
        found["generator_saved_yuan"] = round(saved, 2)
    return found


def _saved(case: ChainCase, tonnes: float) -> float | None:
    """What the generators did not spend; None where nothing is known of what they paid."""
    first = case.prices[0]
    if case.licensed_yuan_t is None or tonnes <= 0 or not first.has_money:
        return None
    return case.licensed_yuan_t * tonnes - first.fee_yuan + first.goods.yuan


def spoken_ladder(
    case: ChainCase, about: Mapping[int, Row], names: Mapping[str, tuple[str, str, str]]
) -> str:
    """One sentence on who profits, empty where no money is known."""
    gains = [
        f"{names[node][1]}账面{'留存' if margin > 0 else '倒贴'}约{abs(margin) / 1e4:.1f}万元"
        for node, margin in zip(case.chain.middle, margins(case.prices), strict=True)
        if margin is not None and abs(margin) >= SPOKEN_FROM_YUAN
    ]
    saved = _saved(case, hop_tonnes(hop_edges(case.chain, about)[0], about))
    if saved is not None and saved >= SPOKEN_FROM_YUAN:
        price = f"持证处置参考价每吨{case.licensed_yuan_t:.0f}元"
        gains.append(f"按{price}计，产废单位少支出约{saved / 1e4:.1f}万元")
    return f"价格阶梯：{'，'.join(gains)}。" if gains else ""
