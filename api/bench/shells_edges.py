"""The province as the path search takes it: the marks that the lake's flows would carry."""

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.flow_edges import FlowEdges, FlowRules
from analytics.models.hw_10 import Params
from api.bench.shells_province import Province


def flow_rules(params: Params) -> FlowRules:
    """Rules of the model."""
    return FlowRules(
        params.window_days,
        params.hop_limit,
        params.flow_low,
        params.flow_high,
        params.concentration,
    )


def flow_edges(province: Province, degree_cap: int) -> FlowEdges:
    """Edges with the marks of ``analytics.chain_flows``: who opens, follows and may be passed.

    A generator's waste opens; its own manifests do not follow; ordinary goods, and whatever a
    generator sells, follow only their own kind.
    """
    is_generator = province.is_generator[province.source]
    is_handed_on = province.is_waste & ~is_generator
    return FlowEdges(
        source=province.source,
        target=province.target,
        day=province.day,
        tonnes=province.tonnes,
        goods=province.goods,
        opens=province.is_waste & is_generator,
        follows=~(province.is_manifest & is_generator),
        strict=~is_handed_on,
        passes=partners(province) <= degree_cap,
    )


def partners(province: Province) -> NDArray[np.int64]:
    """Suppliers or customers of each organisation, whichever are more."""
    nodes = province.is_generator.size
    pairs = np.unique(province.source.astype(np.int64) * nodes + province.target)
    given = np.bincount(pairs // nodes, minlength=nodes)
    return np.maximum(given, np.bincount(pairs % nodes, minlength=nodes))
