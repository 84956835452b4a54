"""Distances of Chinese texts for engines that call Python on batches of Arrow columns.

Whether an engine's own string distances count characters or bytes (中 and 丰 share two of three)
depends on engine and version, and none offers a longest common subsequence. These decode UTF-8 and
count characters, with the kernels that the built-in engine uses.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ingest.resolve.distance import Points, common_length, edit_distance

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]
# The kernels look at this many characters of a text, as many as a machine word has bits.
WIDTH = 64


@njit(cache=True, nogil=True)
def _decode(text: Bytes, start: int, end: int, points: Points) -> int:
    """Code points of UTF-8 ``text[start:end]`` into ``points``; how many, at most ``WIDTH``."""
    count, place = 0, start
    while place < end and count < points.size:
        lead = np.uint32(text[place])
        if lead < 0x80:
            point, following = lead, 0
        elif lead < 0xE0:
            point, following = lead & np.uint32(0x1F), 1
        elif lead < 0xF0:
            point, following = lead & np.uint32(0x0F), 2
        else:
            point, following = lead & np.uint32(0x07), 3
        for k in range(following):
            point = (point << np.uint32(6)) | (np.uint32(text[place + 1 + k]) & np.uint32(0x3F))
        points[count] = point
        count += 1
        place += following + 1
    return count


@njit(cache=True, nogil=True)
def _edit_distances(x: Bytes, x_at: Offsets, y: Bytes, y_at: Offsets, out: Offsets) -> None:
    p, q = np.empty(WIDTH, np.uint32), np.empty(WIDTH, np.uint32)
    for k in range(out.size):
        n = _decode(x, x_at[k], x_at[k + 1], p)
        out[k] = edit_distance(p, n, q, _decode(y, y_at[k], y_at[k + 1], q))


@njit(cache=True, nogil=True)
def _common_lengths(x: Bytes, x_at: Offsets, y: Bytes, y_at: Offsets, out: Offsets) -> None:
    p, q = np.empty(WIDTH, np.uint32), np.empty(WIDTH, np.uint32)
    for k in range(out.size):
        n = _decode(x, x_at[k], x_at[k + 1], p)
        out[k] = common_length(p, n, q, _decode(y, y_at[k], y_at[k + 1], q))


def _buffers(batch: pa.Array) -> tuple[Bytes, Offsets]:
    # DuckDB hands over columns in chunks, Spark one array.
    array = batch.combine_chunks() if isinstance(batch, pa.ChunkedArray) else batch
    array = array.cast(pa.string())
    _, offsets, data = array.buffers()
    at = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    # A batch of empty or missing texts has no buffer at all.
    return np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8), at


def _over(
    kernel: Callable[[Bytes, Offsets, Bytes, Offsets, Offsets], None], x: pa.Array, y: pa.Array
) -> pa.Array:
    out = np.empty(len(x), np.int32)
    if len(x):
        kernel(*_buffers(x), *_buffers(y), out)
    return pa.array(out)


def edit_distances(x: pa.Array, y: pa.Array) -> pa.Array:
    """Levenshtein distance in characters of each pair of texts, int32; missing counts as empty."""
    return _over(_edit_distances, x, y)


def common_lengths(x: pa.Array, y: pa.Array) -> pa.Array:
    """Length of the longest common subsequence in characters of each pair, int32."""
    return _over(_common_lengths, x, y)


# What the levels' SQL calls, by name.
FUNCTIONS = {"edit_distance": edit_distances, "common_length": common_lengths}
