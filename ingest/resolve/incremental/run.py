"""Records and pairs of organisations: from the index of the last run, else from nothing."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ingest.resolve.block import Dropped, block
from ingest.resolve.compare import Records
from ingest.resolve.incremental.advance import advance
from ingest.resolve.incremental.capture import capture, kept_pairs
from ingest.resolve.incremental.index import FirmIndex, Pairs, packed_numbers, records_frame
from ingest.resolve.incremental.index_files import load_index, save_index
from ingest.resolve.incremental.tuples import Input, arrive, known_records, stated
from ingest.resolve.incremental.vocabulary import IndexBrokenError
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds import organization_records as forms
from ingest.resolve.weigh import Weights

# Above this share of unknown mention tuples everything is compared anew, which is as fast.
MOST_UNSEEN = 0.3


@dataclass(frozen=True, slots=True)
class IndexPlace:
    """Where the index lies, and everything besides the records that it depends on.

    Unless ``is_read`` a new index is made of all records.
    """

    folder: Path
    made_with: str
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class Met:
    """Records, the record of each mention tuple, and the pairs that could join.

    ``packed`` may lack the characters of texts; ``compared`` pairs were compared in this run.
    """

    records: pl.DataFrame
    record: pl.Series
    packed: Records
    pairs: Pairs
    dropped: tuple[Dropped, ...]
    compared: int
    is_incremental: bool


def meet(new: Input, weights: Weights, least: float, place: IndexPlace) -> Met:
    """Records of all mention tuples and their pairs; the index is renewed.

    Parameters
    ----------
    least
        Pairs that cannot reach this weight (bits) are let go.
    """
    index = load_index(place.folder, place.made_with) if place.is_read else None
    made = None if index is None else _onward(index, new, weights, least, place)
    return made or _anew(new, weights, least, place)


def _onward(
    index: FirmIndex, new: Input, weights: Weights, least: float, place: IndexPlace
) -> Met | None:
    """From the index; ``None`` where it does not serve."""
    marks = stated(new.tuples)
    known = known_records(index, marks)
    if np.count_nonzero(known < 0) > MOST_UNSEEN * len(known):
        return None
    try:
        advanced = advance(index, arrive(index, new, marks, known), weights, least)
    except IndexBrokenError:
        return None
    now = advanced.index
    save_index(now, place.folder, place.made_with)
    return Met(
        records_frame(now),
        pl.Series(advanced.of_tuple),
        packed_numbers(now),
        now.pairs,
        advanced.dropped,
        advanced.compared,
        is_incremental=True,
    )


def _anew(new: Input, weights: Weights, least: float, place: IndexPlace) -> Met:
    fields = forms.tuple_fields(new.tuples)
    records = forms.build_records(fields, new.former, new.registers)
    record = forms.record_of_tuple(fields, records)
    packed = forms.packed_records(records)
    blocks = block(org.block_keys(records, packed), records.height)
    pairs, compared = kept_pairs(packed, weights, blocks, least)
    save_index(capture(records, new.tuples, record, pairs), place.folder, place.made_with)
    return Met(records, record, packed, pairs, blocks.dropped, compared, is_incremental=False)
