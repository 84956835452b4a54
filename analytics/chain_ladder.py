"""The price ladder of a chain: tonnes, prices and fees of each hop, and who profits by how much.

Licensed disposal is the yardstick: what the generator did not pay for it is what there was to earn.
"""

from collections.abc import Mapping, Sequence

from analytics.chain_case import ChainCase, Row, hop_edges
from analytics.chain_prices import margins

SPOKEN_FROM_YUAN = 1.0


def hop_tonnes(edges: Sequence[int], about: Mapping[int, Row]) -> float:
    """Known tonnes of the edges together."""
    return sum(float(str(about[e]["tonnes"])) for e in edges if about[e]["tonnes"] is not None)


def ladder(case: ChainCase, about: Mapping[int, Row]) -> dict[str, float]:
    """Figures of the chain by name; units in the names, yuan per tonne of the hop into a node.

    ``nodeN_margin_yuan`` is what stayed with a firm between, ``end_income_yuan`` what the end was
    paid less what it paid for goods, ``generator_saved_yuan`` what licensed disposal would have
    cost the generators more than they paid.
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
        if price.goods_yuan_t is not None:
            found[f"hop{number}_price_yuan_t"] = round(price.goods_yuan_t, 2)
        if price.fee_yuan_t is not None:
            found[f"hop{number}_fee_yuan_t"] = round(price.fee_yuan_t, 2)
    for number, (margin, moved) in enumerate(zip(margins(case.prices), tonnes, strict=False), 1):
        found[f"node{number}_margin_yuan"] = round(margin, 2)
        if moved > 0:
            found[f"node{number}_margin_yuan_t"] = round(margin / moved, 2)
    first, last = case.prices[0], case.prices[-1]
    found["end_income_yuan"] = round(last.fee_yuan - last.goods_yuan, 2)
    found["generator_income_yuan"] = round(first.goods_yuan - first.fee_yuan, 2)
    if case.licensed_yuan_t is not None:
        found["licensed_price_yuan_t"] = round(case.licensed_yuan_t, 2)
        if tonnes[0] > 0:
            found["generator_saved_yuan"] = round(_saved(case, tonnes[0]), 2)
    return found


def _saved(case: ChainCase, tonnes: float) -> float:
    first = case.prices[0]
    return (case.licensed_yuan_t or 0.0) * tonnes - first.fee_yuan + first.goods_yuan


def spoken_ladder(
    case: ChainCase, about: Mapping[int, Row], names: Mapping[str, tuple[str, str, str]]
) -> str:
    """One sentence on who profits, empty where no money is known."""
    gains = [
        f"{names[node][1]}账面留存约{margin / 1e4:.1f}万元"
        for node, margin in zip(case.chain.middle, margins(case.prices), strict=True)
        if abs(margin) >= SPOKEN_FROM_YUAN
    ]
    tonnes = hop_tonnes(hop_edges(case.chain, about)[0], about)
    if case.licensed_yuan_t is not None and tonnes > 0 and (saved := _saved(case, tonnes)) > 0:
        price = f"持证处置参考价每吨{case.licensed_yuan_t:.0f}元"
        gains.append(f"按{price}计，产废单位少支出约{saved / 1e4:.1f}万元")
    return f"价格阶梯：{'，'.join(gains)}。" if gains else ""
