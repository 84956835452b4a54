"""Edges of the generated graphs, and how they go from process to process."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import TimedEdges

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Edges:
    """Transfers as parallel arrays of one length, sorted by time.

    ``source``, ``target``: nodes from 0 below ``node_count``. ``time``: seconds of local time since
    the first midnight. ``tonnes`` above 0. ``code``: waste codes, then goods classes. ``loop``:
    number of the planted loop that the edge is of, -1 for none.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    time: NDArray[np.int32]
    tonnes: NDArray[np.float32]
    code: NDArray[np.int16]
    loop: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.source)

    @property
    def node_count(self) -> int:
        """One more than the largest node."""
        return 1 + int(max(self.source.max(initial=-1), self.target.max(initial=-1)))

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "Edges":
        """The edges at the chosen positions."""
        return Edges(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def by_time(self) -> "Edges":
        """The same edges, sorted by time; equal times keep their order."""
        return self.take(np.argsort(self.time, kind="stable"))

    def timed(self) -> TimedEdges:
        """The edges as the kernel takes them, numbered by position."""
        number = np.arange(len(self), dtype=np.int32)
        return TimedEdges(self.source, self.target, self.time, self.tonnes, self.code, number)

    def one_per_pair(self) -> "Edges":
        """The first edge of each ordered pair only."""
        key = self.source.astype(np.int64) * self.node_count + self.target
        return self.take(np.sort(np.unique(key, return_index=True)[1]))

    def save(self, folder: Path) -> None:
        """Write one file per column, for :func:`load_edges`."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))


def load_edges(folder: Path) -> Edges:
    """Edges written by :meth:`Edges.save`."""
    return Edges(*(np.load(folder / f"{field.name}.npy") for field in fields(Edges)))
