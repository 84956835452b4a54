"""Unified credit codes of organisations, every one its own, relatives close to each other.

Sources: GB 32100-2015 (code and check character), GB 11714-1997 (organisation code within it).
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.simulate.identifiers import CODE_ALPHABET, CODE_WEIGHTS, as_text
from ingest.simulate.organizations.founding import NOBODY
from ingest.simulate.organizations.regions import divisions
from ingest.simulate.streams import Ints, hashed_uniform

ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
ORGANISATION_CHECKS = np.frombuffer(b"0123456789X", dtype=np.uint8)
RECENT = 0.6  # share of registrations since the code was introduced: body MA and six characters
# Families get a block of bodies each; strides are prime to the number of blocks.
BLOCK = 64
RECENT_BLOCKS, RECENT_STRIDE = 31**6 // BLOCK, 15_485_863
EARLY_BLOCKS, EARLY_STRIDE = 10**8 // BLOCK, 2_147_483


def credit_codes(firms: pl.DataFrame, seed: int) -> pl.Series:
    """A valid code per row of ``firms`` (``parent``, ``code_head`` and ``registered_in``).

    Sisters, subsidiaries and branches were numbered with their parent: in one division they share
    12 places or more with it. Namesakes do not.

    Raises
    ------
    ValueError
        If a family is larger than a block.
    """
    index = np.arange(firms.height)
    parent = firms["parent"].to_numpy()
    akin = (parent != NOBODY) & (firms["kind"] != "namesake").to_numpy()
    family = np.where(akin, parent, index)
    family = family[family]  # a branch of a sister is of the sister's family
    within = pl.DataFrame({"family": family}).select(pl.int_range(pl.len()).over("family"))
    rank = within.to_series().to_numpy()
    if int(rank.max()) >= BLOCK:
        raise ValueError(f"a family has {int(rank.max()) + 1} members, codes allow {BLOCK}")
    recent = hashed_uniform(family, seed, "code body") < RECENT
    values = np.zeros((firms.height, 18), dtype=np.int64)
    heads = firms["code_head"].cast(pl.Int64).to_numpy()
    values[:, 0], values[:, 1] = heads // 10, heads % 10
    places = divisions()["division_code"].cast(pl.Int64).to_numpy()
    registered = places[firms["registered_in"].to_numpy()]
    for place in range(6):
        values[:, 7 - place] = registered // 10**place % 10
    values[:, 8:16] = np.where(
        recent[:, None], _recent_bodies(family, rank, seed), _early_bodies(family, rank, seed)
    )
    return as_text(_checked(values))


def _blocks(family: Ints, seed: int, stride: int, blocks: int) -> Ints:
    return np.asarray((family + seed % 9_973 + 1) * stride % blocks, dtype=np.int64)


def _recent_bodies(family: Ints, rank: Ints, seed: int) -> Ints:
    """MA and six characters, as values of the alphabet of GB 32100."""
    serial = _blocks(family, seed, RECENT_STRIDE, RECENT_BLOCKS) * BLOCK + rank
    letters = [CODE_ALPHABET.tolist().index(ord(c)) for c in "MA"]
    digits = serial[:, None] // 31 ** np.arange(5, -1, -1) % 31
    return np.hstack([np.tile(letters, (len(family), 1)), digits])


def _early_bodies(family: Ints, rank: Ints, seed: int) -> Ints:
    """Eight digits."""
    serial = _blocks(family, seed, EARLY_STRIDE, EARLY_BLOCKS) * BLOCK + rank
    return np.asarray(serial[:, None] // 10 ** np.arange(7, -1, -1) % 10, dtype=np.int64)


def _checked(values: Ints) -> npt.NDArray[np.uint8]:
    """Characters of codes whose first 16 values are set, both check characters added."""
    characters = CODE_ALPHABET[values]
    letters = characters[:, 8:16].astype(np.int64)
    plain = np.where(letters >= ord("A"), letters - ord("A") + 10, letters - ord("0"))
    check = (11 - plain @ ORGANISATION_WEIGHTS % 11) % 11
    characters[:, 16] = ORGANISATION_CHECKS[check]
    of_character = np.zeros(128, dtype=np.int64)
    of_character[CODE_ALPHABET] = np.arange(31)
    values[:, 16] = of_character[characters[:, 16]]
    characters[:, 17] = CODE_ALPHABET[(31 - values[:, :17] @ CODE_WEIGHTS % 31) % 31]
    return np.asarray(characters, dtype=np.uint8)
