"""Find entities by name, code, plate, phone or id: one function for both stores.

A store only proposes candidates: Neo4j from its full-text index, the embedded server by looking
into the texts. What matched and how well is decided here, so both give the same answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.client import GraphStore, Row
from graph.errors import UnknownTerm
from graph.ontology import FULL_TEXT_INDEX, LABELS, Label

MOST_RESTRICTED = "L4"
_CANDIDATES = 400
# Of the two-character pieces of a text that long names share, this part must be there.
_LEAST_OVERLAP_RATIO = 0.5
_IS_CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{3,}")
_IS_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][0-9A-Z]*[\u4e00-\u9fff]?")
_LUCENE = re.compile(r'[+\-&|!(){}\[\]^"~*?:\\/]')
_KIND_BY_LABEL = {name: name.lower() for name in LABELS} | {"PoliceCase": "case"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A node that was found; ``property`` matched, ``score`` in 0..1 says how well."""

    id: str
    label: str
    name: str
    property: str
    score: float
    level: str


def search(
    store: GraphStore,
    text: str,
    *,
    kinds: Sequence[str] = (),
    limit: int = 20,
    level: str = MOST_RESTRICTED,
) -> list[Hit]:
    """Entities that ``text`` may mean, best first.

    An id matches as a whole; codes, plates and phone numbers from their beginning (at least four
    characters, a plate two); names where they contain the text, else where they share at least
    half of its two-character pieces.

    Parameters
    ----------
    kinds
        ``organization``, ``person``, …, or labels; all that can be searched unless given.
    limit
        Most hits to give.
    level
        Nodes above this level (``L1`` … ``L4``) are not found.

    Raises
    ------
    UnknownTerm
        When a kind does not exist.
    StoreUnreachable, StatementFailed
    """
    wanted = " ".join(unicodedata.normalize("NFKC", text).split())
    labels = _labels(kinds)
    if not wanted or limit < 1:
        return []
    hits: dict[str, Hit] = {}
    for hit in (
        *_by_id(store, wanted, labels),
        *_by_code(store, wanted, labels),
        *_by_text(store, wanted, labels, limit),
    ):
        known = hits.get(hit.id)
        if hit.level <= level and (known is None or known.score < hit.score):
            hits[hit.id] = hit
    return sorted(hits.values(), key=lambda h: (-h.score, len(h.name), h.name, h.id))[:limit]


def _labels(kinds: Sequence[str]) -> tuple[Label, ...]:
    by_word = {kind: LABELS[name] for name, kind in _KIND_BY_LABEL.items()} | LABELS
    unknown = [kind for kind in kinds if kind not in by_word]
    if unknown:
        raise UnknownTerm(
            f"没有类别 {'、'.join(unknown)}；可用的有：{'、'.join(_KIND_BY_LABEL.values())}"
        )
    return tuple(by_word[kind] for kind in kinds) or tuple(LABELS.values())


def _columns(item: Label) -> str:
    name = "id" if item.caption == "id" else item.caption
    return f"n.id AS id, n.level AS level, coalesce(n.name, n.{name}, n.id) AS name"


def _hit(row: Row, item: Label, matched: str, score: float) -> Hit:
    level = row["level"] if isinstance(row["level"], str) else MOST_RESTRICTED
    return Hit(str(row["id"]), item.name, str(row["name"]), matched, round(score, 4), level)


def _by_id(store: GraphStore, wanted: str, labels: tuple[Label, ...]) -> Iterable[Hit]:
    for item in labels:
        if wanted.startswith(item.prefix + ":"):
            cypher = f"MATCH (n:{item.name} {{id: $id}}) RETURN {_columns(item)}"
            for row in store.read(cypher, {"id": wanted}):
                yield _hit(row, item, "id", 1.0)


def _by_code(store: GraphStore, wanted: str, labels: tuple[Label, ...]) -> Iterable[Hit]:
    code = re.sub(r"[\s·・•]", "", wanted).upper()
    is_plate = _IS_PLATE.fullmatch(code) is not None
    if not (is_plate or _IS_CODE.fullmatch(code)):
        return
    for item in labels:
        for name in item.exact:
            if is_plate and name != "plate":
                continue
            cypher = (
                f"MATCH (n:{item.name}) WHERE n.{name} STARTS WITH $code"
                f" RETURN {_columns(item)}, n.{name} AS code ORDER BY code, id LIMIT $limit"
            )
            for row in store.read(cypher, {"code": code, "limit": _CANDIDATES}):
                whole = len(str(row["code"]))
                yield _hit(row, item, name, 0.9 + 0.1 * len(code) / max(whole, len(code)))


def _by_text(
    store: GraphStore, wanted: str, labels: tuple[Label, ...], limit: int
) -> Iterable[Hit]:
    texts = tuple(item for item in labels if item.fuzzy)
    lowered = wanted.lower()
    found = list(_scored(store, lowered, (lowered,), texts))
    if len(found) < limit and len(_pieces(lowered)) > 1:
        found += _scored(store, lowered, _pieces(lowered), texts)
    return found


def _scored(
    store: GraphStore, wanted: str, pieces: tuple[str, ...], labels: tuple[Label, ...]
) -> Iterable[Hit]:
    propose = _from_index if store.kind == "neo4j" else _from_scan
    for item, row in propose(store, pieces, labels):
        best = max(
            (
                (_likeness(wanted, value), name)
                for name in item.fuzzy
                for value in _values(row, name)
            ),
            default=(0.0, ""),
        )
        if best[0] > 0:
            yield _hit(row, item, best[1], best[0])


def _from_scan(
    store: GraphStore, pieces: tuple[str, ...], labels: tuple[Label, ...]
) -> Iterable[tuple[Label, Row]]:
    least = max(1, -(-len(pieces) // 2))
    for item in labels:
        whole = " + '\n' + ".join(_as_text(name) for name in item.fuzzy)
        cypher = (
            f"MATCH (n:{item.name}) WITH n, toLower({whole}) AS text"
            " WITH n, text, size([p IN $pieces WHERE text CONTAINS p]) AS found"
            f" WHERE found >= $least RETURN {_columns(item)}, {_returned(item)}"
            " ORDER BY found DESC, size(text), id LIMIT $limit"
        )
        parameters = {"pieces": list(pieces), "least": least, "limit": _CANDIDATES}
        for row in store.read(cypher, parameters):
            yield item, row


def _from_index(
    store: GraphStore, pieces: tuple[str, ...], labels: tuple[Label, ...]
) -> Iterable[tuple[Label, Row]]:
    query = " ".join(f'"{_LUCENE.sub(" ", piece)}"' for piece in pieces)
    cypher = (
        f"CALL db.index.fulltext.queryNodes('{FULL_TEXT_INDEX}', $query, {{limit: $limit}})"
        " YIELD node AS n, score WHERE labels(n)[0] IN $labels"
        " RETURN labels(n)[0] AS label, n.id AS id, n.level AS level,"
        " coalesce(n.name, n.text, n.id) AS name, n.text AS text, n.former_names AS former_names"
        " ORDER BY score DESC, size(coalesce(n.name, n.text, n.id)), id"
    )
    parameters = {
        "query": query,
        "limit": _CANDIDATES,
        "labels": [item.name for item in labels],
    }
    for row in store.read(cypher, parameters):
        yield LABELS[str(row["label"])], row


def _as_text(name: str) -> str:
    if name == "former_names":
        return f"reduce(all = '', x IN coalesce(n.{name}, []) | all + x + '\n')"
    return f"coalesce(n.{name}, '')"


def _returned(item: Label) -> str:
    return ", ".join(f"n.{name} AS {name}" for name in item.fuzzy if name != "name") or "1 AS one"


def _values(row: Row, name: str) -> list[str]:
    value = row.get(name)
    return [str(v) for v in value] if isinstance(value, list) else [str(value)] if value else []


def _pieces(text: str) -> tuple[str, ...]:
    solid = re.sub(r"\s", "", text)
    return tuple(dict.fromkeys(solid[i : i + 2] for i in range(len(solid) - 1))) or (solid,)


def _likeness(wanted: str, value: str) -> float:
    """How well a value answers: 1 equal, 0.9 begins so, 0.8 contains it, else up to 0.7."""
    text = unicodedata.normalize("NFKC", value).lower()
    if text == wanted:
        return 1.0
    share = len(wanted) / max(len(text), 1)
    if text.startswith(wanted):
        return 0.85 + 0.1 * share
    if wanted in text:
        return 0.75 + 0.1 * share
    pieces = _pieces(wanted)
    overlap = sum(piece in text for piece in pieces) / len(pieces)
    return 0.7 * overlap if overlap >= _LEAST_OVERLAP_RATIO and len(pieces) > 1 else 0.0
