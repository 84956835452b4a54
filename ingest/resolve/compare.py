"""How two records of organisations agree: one level per attribute, compiled, over all pairs."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import polars as pl
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints
from ingest.resolve.distance import Points, common_length, contains, edit_distance
from ingest.resolve.identifiers import LENGTH, pack

TRUNK_WIDTH, BRANCH_WIDTH, PERSON_WIDTH, ADDRESS_WIDTH = 24, 16, 8, 48
# Up to this many texts are numbered one by one, and pairs compared on one thread.
FEW = 2_000
ATTRIBUTES = ("code", "name", "region", "branch", "phone", "person", "address")
LEVEL_NAMES: dict[str, tuple[str, ...]] = {
    "code": ("none", "differ", "edit_1", "equal"),
    "name": (
        "none", "weak", "core", "edit_1", "edit_tail", "contained", "shortened", "number", "trunk",
        "trunk_suffix",
    ),
    "region": (
        "none", "conflict", "other_city", "other_county", "compatible", "same_city", "same_county",
    ),
    "branch": ("none", "one_only", "differ", "same"),
    "phone": ("none", "differ", "shared", "equal"),
    "person": ("none", "differ", "edit_1", "shared", "equal"),
    "address": ("none", "weak", "similar", "shared", "close", "equal"),
}  # fmt: skip
# Names: characters differ behind the first three (edit_tail); one name is the other without words
# of its trade (shortened); equal but for a number, as sister works are (number).
WEAK, CORE, EDIT_1, EDIT_TAIL, CONTAINED, SHORTENED, NUMBER, TRUNK, TRUNK_SUFFIX = range(1, 10)
CONFLICT, OTHER_CITY, OTHER_COUNTY, COMPATIBLE, SAME_CITY, SAME_COUNTY = range(1, 7)
# A shared value says less where the names are of different firms, which may be sisters; a firm
# whose name has a slip is found by its address.
PHONE_SHARED, PHONE_EQUAL = 2, 3
PERSON_EDIT, PERSON_SHARED, PERSON_EQUAL = 2, 3, 4
ADDRESS_SIMILAR, ADDRESS_SHARED, ADDRESS_CLOSE, ADDRESS_EQUAL = 2, 3, 4, 5
# As many characters as a 字号 usually has.
HEAD = 3
# Quarters count like numbers: 华东 and 华南 are sisters, never a slip of the pen.
NUMERALS = "0123456789一二三四五六七八九十东南西北"
_NUMERAL_POINTS = np.array(sorted(map(ord, NUMERALS)), np.uint32)


class Attribute(IntEnum):
    """Columns of the matrix of levels."""

    CODE, NAME, REGION, BRANCH, PHONE, PERSON, ADDRESS = range(7)


class Texts(NamedTuple):
    """Distinct texts: ``number`` per record (-1: none), code points and lengths per text."""

    number: Ints
    points: Points
    length: Ints


class Records(NamedTuple):
    """Records as arrays of one length; ``region`` and ``city`` are six digits, 0 where unknown."""

    code: Ints
    code_text: Texts
    trunk: Texts
    core: Ints
    suffix: Ints
    branch: Texts
    region: Ints
    city: Ints
    phone: Ints
    person: Texts
    address: Texts


def numbered(texts: pl.Series) -> tuple[Ints, pl.Series]:
    """Number per text by its rank among the distinct ones (-1: empty), and the distinct ones."""
    if len(texts) <= FEW:
        return _numbered_few(texts)
    distinct = texts.unique().sort().filter(texts.unique().sort() != "")
    table = pl.DataFrame({"text": distinct}).with_row_index("number")
    found = pl.DataFrame({"text": texts}).join(table, on="text", how="left", maintain_order="left")[
        "number"
    ]
    return found.cast(pl.Int64).fill_null(-1).to_numpy().copy(), distinct


def _numbered_few(texts: pl.Series) -> tuple[Ints, pl.Series]:
    """The same for a few texts, for which tables cost more than they order."""
    distinct = sorted(set(texts.to_list()) - {""})
    place = {text: number for number, text in enumerate(distinct)}
    number = np.array([place.get(text, -1) for text in texts.to_list()], np.int64)
    return number, pl.Series(distinct, dtype=pl.String)


def _texts(texts: pl.Series, width: int) -> Texts:
    number, distinct = numbered(texts)
    points = pack(distinct, width) if len(distinct) else np.zeros((1, width), np.uint32)
    return Texts(number, points, (points != 0).sum(axis=1).astype(np.int64))


def _six_digits(codes: pl.Series) -> Ints:
    return codes.str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0).to_numpy().copy()


def pack_records(frame: pl.DataFrame) -> Records:
    """Arrays of ``frame``.

    Parameters
    ----------
    frame
        ``code, raw_code, trunk, core, suffix, branch, region, city, phone, person, address`` per
        record, empty strings where a value is missing.
    """
    return Records(
        numbered(frame["code"])[0],
        _texts(frame["raw_code"], LENGTH),
        _texts(frame["trunk"], TRUNK_WIDTH),
        numbered(frame["core"])[0],
        numbered(frame["suffix"])[0],
        _texts(frame["branch"], BRANCH_WIDTH),
        _six_digits(frame["region"]),
        _six_digits(frame["city"]),
        numbered(frame["phone"])[0],
        _texts(frame["person"], PERSON_WIDTH),
        _texts(frame["address"], ADDRESS_WIDTH),
    )


@njit(cache=True)
def _code_level(a: int, b: int, code: Ints, text: Texts) -> int:
    x, y = text.number[a], text.number[b]
    if x < 0 or y < 0:
        return 0
    if x == y:
        return 3
    if edit_distance(text.points[x], text.length[x], text.points[y], text.length[y]) <= 1:
        return 2
    return 1 if code[a] >= 0 and code[b] >= 0 else 0


@njit(cache=True)
def _is_numeral(point: int) -> bool:
    is_found = False
    for numeral in _NUMERAL_POINTS:
        is_found |= point == numeral
    return is_found


@njit(cache=True)
def _differ_in_number(p: Points, n: int, q: Points, m: int) -> bool:
    """Whether the names are equal when numerals are left out."""
    i = j = 0
    while True:
        while i < n and _is_numeral(p[i]):
            i += 1
        while j < m and _is_numeral(q[j]):
            j += 1
        if i == n or j == m:
            return i == n and j == m and i > 0 and j > 0
        if p[i] != q[j]:
            return False
        i += 1
        j += 1


@njit(cache=True)
def _has_common_head(p: Points, q: Points, shorter: int) -> bool:
    if shorter < HEAD:
        return False
    is_common = True
    for k in range(HEAD):
        is_common &= p[k] == q[k]
    return is_common


@njit(cache=True)
def _name_level(a: int, b: int, trunk: Texts, core: Ints, suffix: Ints) -> int:
    x, y = trunk.number[a], trunk.number[b]
    if x < 0 or y < 0:
        return 0
    if x == y:
        return TRUNK_SUFFIX if suffix[a] == suffix[b] else TRUNK
    nx, ny = trunk.length[x], trunk.length[y]
    p, q = trunk.points[x], trunk.points[y]
    if _differ_in_number(p, nx, q, ny):
        return NUMBER
    is_one_core = core[a] == core[b] and core[a] >= 0
    if nx >= ny:
        if ny >= 2 and contains(p, nx, q, ny):
            return SHORTENED if is_one_core else CONTAINED
    elif nx >= 2 and contains(q, ny, p, nx):
        return SHORTENED if is_one_core else CONTAINED
    shorter = min(nx, ny)
    # The difference in length is a bound that spares most pairs the distance.
    distance = edit_distance(p, nx, q, ny) if abs(nx - ny) <= 2 else 3
    if distance > 2 and is_one_core:
        return CORE
    common = common_length(p, nx, q, ny)
    if (distance == 1 and shorter >= 3) or (
        distance == 2 and shorter >= 4 and common >= shorter - 1
    ):
        return EDIT_TAIL if not is_one_core and _has_common_head(p, q, shorter) else EDIT_1
    if is_one_core:
        return CORE
    return WEAK if 2 * common >= 0.6 * (nx + ny) else 0


@njit(cache=True)
def _region_level(a: int, b: int, region: Ints, city: Ints) -> int:
    r, s = region[a], region[b]
    c, d = city[a], city[b]
    is_one_city = c != 0 and c == d
    if r == 0 or s == 0:
        if c == 0 or d == 0:
            return 0
        return SAME_CITY if is_one_city else CONFLICT
    if r // 10000 != s // 10000:
        return CONFLICT
    is_county = r % 100 != 0 and s % 100 != 0
    if not (r % 10000 == 0 or s % 10000 == 0 or is_one_city) and (
        r // 100 != s // 100 or (is_county and r != s)
    ):
        return CONFLICT
    if c != 0 and d != 0 and c != d:
        return OTHER_CITY
    if is_county and r // 100 == s // 100:
        return SAME_COUNTY if r == s else OTHER_COUNTY
    return SAME_CITY if is_one_city else COMPATIBLE


@njit(cache=True)
def _branch_level(a: int, b: int, branch: Texts) -> int:
    x, y = branch.number[a], branch.number[b]
    if x < 0 and y < 0:
        return 0
    if x < 0 or y < 0:
        return 1
    return 3 if x == y else 2


@njit(cache=True)
def _person_level(a: int, b: int, person: Texts) -> int:
    x, y = person.number[a], person.number[b]
    if x < 0 or y < 0:
        return 0
    if x == y:
        return PERSON_EQUAL
    n = person.length[x]
    if n < 2 or n != person.length[y]:
        return 1
    return PERSON_EDIT if edit_distance(person.points[x], n, person.points[y], n) == 1 else 1


@njit(cache=True)
def _address_level(a: int, b: int, address: Texts) -> int:
    x, y = address.number[a], address.number[b]
    if x < 0 or y < 0:
        return 0
    if x == y:
        return ADDRESS_EQUAL
    nx, ny = address.length[x], address.length[y]
    common = common_length(address.points[x], nx, address.points[y], ny)
    likeness = 2 * common / (nx + ny)
    if likeness >= 0.88 or (common >= min(nx, ny) and min(nx, ny) >= 6):
        return ADDRESS_CLOSE
    return ADDRESS_SIMILAR if likeness >= 0.7 else 1


# Compiled parallel loops take no tuple of tuples, so the pieces of Records are handed on singly.
@njit(cache=True)
def levels_of(
    a: int,
    b: int,
    code: Ints,
    code_text: Texts,
    trunk: Texts,
    core: Ints,
    suffix: Ints,
    branch: Texts,
    region: Ints,
    city: Ints,
    phone: Ints,
    person: Texts,
    address: Texts,
    out: NDArray[np.int8],
) -> None:
    """Write the level of each attribute of one pair to ``out``, columns as :class:`Attribute`."""
    out[0] = _code_level(a, b, code, code_text)
    out[1] = _name_level(a, b, trunk, core, suffix)
    out[2] = _region_level(a, b, region, city)
    out[3] = _branch_level(a, b, branch)
    if phone[a] < 0 or phone[b] < 0:
        out[4] = 0
    else:
        out[4] = PHONE_EQUAL if phone[a] == phone[b] else 1
    out[5] = _person_level(a, b, person)
    out[6] = _address_level(a, b, address)
    if out[1] < CONTAINED or out[1] == NUMBER:
        if out[4] == PHONE_EQUAL:
            out[4] = PHONE_SHARED
        if out[5] == PERSON_EQUAL:
            out[5] = PERSON_SHARED
        if out[6] >= ADDRESS_CLOSE and (out[1] < EDIT_1 or out[1] == NUMBER):
            out[6] = ADDRESS_SHARED


@njit(parallel=True, cache=True)
def _levels(
    first: Ints,
    second: Ints,
    code: Ints,
    code_text: Texts,
    trunk: Texts,
    core: Ints,
    suffix: Ints,
    branch: Texts,
    region: Ints,
    city: Ints,
    phone: Ints,
    person: Texts,
    address: Texts,
    out: NDArray[np.int8],
) -> None:
    for k in prange(first.size):
        levels_of(
            first[k], second[k], code, code_text, trunk, core, suffix, branch, region, city,
            phone, person, address, out[k],
        )  # fmt: skip


@njit(cache=True)
def _levels_few(first: Ints, second: Ints, r: Records, out: NDArray[np.int8]) -> None:
    """The same on one thread: for a few pairs, waking the others costs more than they save."""
    for k in range(first.size):
        levels_of(
            first[k], second[k], r.code, r.code_text, r.trunk, r.core, r.suffix, r.branch, r.region,
            r.city, r.phone, r.person, r.address, out[k],
        )  # fmt: skip


def compare(records: Records, a: Ints, b: Ints) -> NDArray[np.int8]:
    """Levels of each pair, shape (pairs, 7), columns as :class:`Attribute`."""
    out = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    first, second = np.ascontiguousarray(a), np.ascontiguousarray(b)
    if len(a) <= FEW:
        _levels_few(first, second, records, out)
    else:
        _levels(first, second, *records, out)
    return out
