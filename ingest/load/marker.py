"""Which load the graph holds: a token kept in the graph itself and beside the copies of the parts.

The copies under ``lake/derived/load`` describe one graph only. A store that was emptied, replaced
or loaded by another workspace carries another token or none, and is then loaded from scratch.
"""

import hashlib
import json
from pathlib import Path
from uuid import uuid4

from graph.client import GraphStore
from records.atomic import write_text

MARK_LABEL = "LoadMark"
MARK_ID = "load"
# Counted up when parts set other properties than before: old graphs are then loaded from scratch.
LOAD_VERSION = 1


def token_of(folder: Path) -> str:
    """Token of the copies in ``folder``: SHA-256 over names and bytes."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        digest.update(f"{path.name}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Mark:
    """The token of the last load, on both sides."""

    def __init__(self, store: GraphStore, folder: Path) -> None:
        self._store = store
        self._path = folder / "mark.json"

    def is_ours(self) -> bool:
        """Whether the copies describe this graph (rows that they call uncertain aside)."""
        tokens, _ = self._known()
        return self._in_graph() in tokens

    def is_whole(self) -> bool:
        """Whether the graph holds the last load, whole, and nothing was begun since."""
        tokens, is_whole = self._known()
        return is_whole and tokens == [self._in_graph()]

    def restart(self) -> None:
        """The graph was emptied and the copies were removed: both start anew together."""
        token = f"begun:{uuid4().hex}"
        self._set(token)
        self._keep([token], is_whole=False)

    def begin(self) -> None:
        """A load starts: until it ends, the graph is known but not whole."""
        self._keep([self._in_graph()], is_whole=False)

    def finish(self, token: str) -> None:
        """The load is whole; the file names both tokens while the graph changes over."""
        self._keep([self._in_graph(), token], is_whole=False)
        self._set(token)
        self._keep([token], is_whole=True)

    def _keep(self, tokens: list[str], *, is_whole: bool) -> None:
        document = {"version": LOAD_VERSION, "tokens": tokens, "is_whole": is_whole}
        write_text(json.dumps(document), self._path)

    def _known(self) -> tuple[list[str], bool]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            tokens = [str(token) for token in found["tokens"] if token]
            if found["version"] == LOAD_VERSION:
                return tokens, found["is_whole"] is True
        except (OSError, ValueError, KeyError, TypeError):
            # Without a readable file nothing is known of the graph, and it is loaded from scratch.
            pass
        return [], False

    def _in_graph(self) -> str:
        rows = self._store.read(
            f"MATCH (m:{MARK_LABEL} {{id: $id}}) RETURN m.token AS token", {"id": MARK_ID}
        )
        return str(rows[0]["token"] or "") if rows else ""

    def _set(self, token: str) -> None:
        self._store.write(
            f"MERGE (m:{MARK_LABEL} {{id: $id}}) SET m.token = $token",
            {"id": MARK_ID, "token": token},
        )
