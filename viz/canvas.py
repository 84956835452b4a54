"""The drawing that a page's canvas is given (``viz/web/src/drawing.ts`` reads it)."""

import json
from collections.abc import Callable

from viz.grammar import (
    KIND_ZH,
    edge_detail,
    edge_text,
    is_ringed,
    largest_amounts,
    line_of,
    role_color,
    role_zh,
    shape_of,
    sizes,
    width_of,
)
from viz.layout import positions
from viz.picture import Picture

NODE_PX = 11.0
# The canvas is wider than high; the layout fills a square.
STRETCH = 1.7


def drawing_json(picture: Picture, href: Callable[[str], str]) -> str:
    """The drawing as JSON text that may stand inside a script element.

    Parameters
    ----------
    href
        Address of the page of an entity, empty where there is none.
    """
    placed, scale = positions(picture), sizes(picture)
    largest = largest_amounts(picture.edges)
    names = {node.id: node.name for node in picture.nodes}
    document = {
        "nodes": [
            {
                "id": node.id,
                "name": node.name,
                "kind": KIND_ZH.get(node.kind, node.kind),
                "role": role_zh(node.role) if node.role else "",
                "shape": shape_of(node.kind),
                "color": role_color(node.role),
                "is_severe": is_ringed(picture, node),
                "x": round(placed[node.id][0] * STRETCH, 4),
                "y": round(placed[node.id][1], 4),
                "size": round(NODE_PX * (0.75 + 0.25 * scale[node.id]), 2),
                "href": href(node.id),
            }
            for node in picture.nodes
        ],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "kind": edge.kind,
                "text": edge_text(edge),
                "detail": edge_detail(edge, names),
                "tone": "strong" if line_of(edge.kind).is_strong else "soft",
                "dash": list(line_of(edge.kind).dashes)[:2],
                "width": round(1.2 * width_of(edge, largest), 2),
                "is_directed": line_of(edge.kind).is_directed,
                "is_double": line_of(edge.kind).is_double,
            }
            for edge in picture.edges
        ],
    }
    # A name with "</script>" in it must not end the element.
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")
