"""The records of resolution as an index that single rows are looked up in.

Per blocking key the hashes of its values, sorted, point to record numbers; caps are those of a full
run, so that a phone of a thousand firms brings none of them. Built once from the stored records;
it holds no connection and may be shared by threads, which only read it.
"""

from dataclasses import dataclass
from itertools import pairwise

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.block import RAREST
from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import TRUNK_WIDTH, Records, pack_records
from ingest.resolve.extract import frame_of
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.organization_records import without_shared
from ingest.resolve.normalise import industry_lexicon
from ingest.resolve.weigh import SURPRISES, numbers_of, surprise_tables

Hashes = NDArray[np.uint64]
# A code point has at most 21 bits.
PAIR_SHIFT = 21
# Key that finds the firm of a valid code, however many records it has.
VALID_CODE = "valid code"
# Bigrams of more names than this are no key at all.
BIGRAM_KEYS = (
    ("two rarest bigrams", org.BIGRAM_MOST, False),
    ("two rarest bigrams+city", org.BIGRAM_CITY_MOST, True),
)
RECORDS = """
SELECT r.*, o.name AS entity_name, o.level AS entity_level,
    max(nullif(r.code, '')) OVER (PARTITION BY r.entity_id) AS entity_code
FROM resolve_record r LEFT JOIN organization o USING (entity_id)
WHERE r.kind = 'organization' ORDER BY r.record
"""


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """Sorted hashes of one key's values, and the record of each."""

    name: str
    hashes: Hashes
    record: Ints

    def count(self, hashes: Hashes) -> Ints:
        """Number of records whose value has each hash."""
        low = np.searchsorted(self.hashes, hashes, "left")
        return np.searchsorted(self.hashes, hashes, "right") - low

    def probe(self, query: Ints, hashes: Hashes) -> tuple[Ints, Ints]:
        """Queries and the records whose value has their hash; both arguments are parallel."""
        low = np.searchsorted(self.hashes, hashes, "left")
        count = np.searchsorted(self.hashes, hashes, "right") - low
        start = np.cumsum(count) - count
        place = np.repeat(low - start, count) + np.arange(int(count.sum()))
        return np.repeat(query, count), self.record[place]


@dataclass(frozen=True, slots=True)
class MatchIndex:
    """Records of all organisations, ready to be probed and compared.

    ``frame`` has a line per record; ``phone`` and ``address`` that too many firms share are blank
    there, as in a full run, and stand whole in ``stated_phone`` and ``stated_address``;
    ``pair_counts`` holds, per number of two characters, in how many records' names they stand;
    ``surprise`` is what is known of each record's values, shape (records, SURPRISES), and
    ``spellings`` finds the records of a trunk, however many they are.
    """

    frame: pl.DataFrame
    keys: tuple[KeyIndex, ...]
    pair_counts: dict[int, int]
    surprise: Floats
    spellings: KeyIndex
    lexicon: frozenset[str]


def hashed(values: pl.Series) -> Hashes:
    """Hash per value; equal texts have equal hashes within one process."""
    return values.cast(pl.String).hash(seed=0).to_numpy()


def build_index(sql: duckdb.DuckDBPyConnection) -> MatchIndex:
    """The index over the records that the last resolution stored."""
    stored = frame_of(sql, RECORDS)
    packed = pack_records(without_shared(stored))
    keys = [_valid_codes(stored)]
    keys += [_index(k.name, k.record, k.value, k.cap) for k in org.value_keys(stored)]
    counted = _pair_counts(packed)
    for name, most, has_city in BIGRAM_KEYS:
        at, rare = _rarest_pairs(packed.trunk.points, counted, most)
        record, value = _spread(packed.trunk.number, at, rare)
        text = _with_city(value, stored["city"].gather(record)) if has_city else value
        keys.append(_index(name, record, text, org.CAPS[name]))
    return MatchIndex(
        without_shared(stored).with_columns(
            stated_phone=stored["phone"], stated_address=stored["address"]
        ),
        tuple(keys),
        dict(counted.iter_rows()),
        _surprise_of_records(packed),
        _index("spelling", stored["record"].to_numpy(), _filled(stored["trunk"]), stored.height),
        industry_lexicon(stored["trunk"]),
    )


def _index(name: str, record: Ints, value: pl.Series, cap: int) -> KeyIndex:
    held = (
        pl.DataFrame({"record": record, "value": value.cast(pl.String)})
        .filter(pl.col("value").is_not_null())
        .unique()
        .filter(pl.len().over("value") <= cap)
    )
    hashes = hashed(held["value"])
    number = held["record"].cast(pl.Int64).to_numpy()
    order = np.lexsort((number, hashes))
    return KeyIndex(name, hashes[order], number[order])


def _filled(values: pl.Series) -> pl.Series:
    """The values, null where there is none."""
    return pl.select(pl.when(values != "").then(values)).to_series()


def _valid_codes(stored: pl.DataFrame) -> KeyIndex:
    """One record per valid code, that of most rows: the code alone says who it is."""
    coded = stored.filter(pl.col("code") != "").sort(
        "code", "row_count", "record", descending=[False, True, False]
    )
    first = coded.unique("code", keep="first", maintain_order=True)
    return _index(VALID_CODE, first["record"].to_numpy(), first["code"], 1)


def _pairs(points: NDArray[np.uint32]) -> pl.DataFrame:
    """``name, pair``: the distinct pairs of neighbouring characters of each name."""
    first, second = points[:, :-1].astype(np.int64), points[:, 1:].astype(np.int64)
    pair = np.where(second != 0, (first << PAIR_SHIFT) | second, -1)
    name = np.repeat(np.arange(len(points)), pair.shape[1])
    frame = pl.DataFrame({"name": name, "pair": pair.ravel()})
    return frame.filter(pl.col("pair") >= 0).unique()


def _pair_counts(packed: Records) -> pl.DataFrame:
    """``pair, records``: two characters as one number, and how many records' names have them."""
    number = packed.trunk.number
    records = np.bincount(number[number >= 0], minlength=len(packed.trunk.points))
    names = pl.DataFrame({"name": np.arange(len(records)), "records": records})
    return (
        _pairs(packed.trunk.points)
        .join(names, on="name", how="left")
        .group_by("pair")
        .agg(pl.col("records").sum())
        .sort("pair")
    )


def _rarest_pairs(
    points: NDArray[np.uint32], counted: pl.DataFrame, most: int
) -> tuple[Ints, Ints]:
    """Names and their two rarest pairs of characters among those in at most ``most`` records.

    Unlike within one collection, a pair that one record has is a key: the row looked up is the
    other that has it.
    """
    rarest = (
        _pairs(points)
        .join(counted.filter(pl.col("records") <= most), on="pair", how="inner")
        .sort("name", "records", "pair")
        .group_by("name", maintain_order=True)
        .head(RAREST)
    )
    return rarest["name"].cast(pl.Int64).to_numpy(), rarest["pair"].to_numpy()


def rarest_of(trunk: str, counts: dict[int, int], most: int) -> list[int]:
    """The two rarest pairs of characters of one name, as :func:`_rarest_pairs` chooses them."""
    text = trunk[:TRUNK_WIDTH]
    pairs = {(ord(one) << PAIR_SHIFT) | ord(two) for one, two in pairwise(text)}
    known = sorted((counts[pair], pair) for pair in pairs if 0 < counts.get(pair, 0) <= most)
    return [pair for _, pair in known[:RAREST]]


def _spread(trunk: Ints, name: Ints, pair: Ints) -> tuple[Ints, pl.Series]:
    """Records and pairs out of names and pairs."""
    spread = (
        pl.DataFrame({"record": np.arange(len(trunk)), "name": trunk})
        .join(pl.DataFrame({"name": name, "pair": pair}), on="name", how="inner")
        .sort("record", "pair")
    )
    return spread["record"].cast(pl.Int64).to_numpy(), spread["pair"]


def _with_city(pair: pl.Series, city: pl.Series) -> pl.Series:
    """Pair and city as one value, null where the city is not known."""
    return pl.select(pl.when(city != "").then(pair.cast(pl.String) + "|" + city)).to_series()


def _surprise_of_records(packed: Records) -> Floats:
    """What is known of each record's own values, per entry of SURPRISES; 0 where it has none."""
    out = np.zeros((len(packed.code), len(SURPRISES)))
    pairs = zip(surprise_tables(packed), numbers_of(packed), strict=True)
    for place, (table, number) in enumerate(pairs):
        held = np.flatnonzero(number >= 0)
        out[held, place] = table[number[held]]
    return out
