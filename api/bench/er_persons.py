"""Public files of persons through the fields engine: FEBRL 3, FEBRL 4, historical_50k.

What was chosen while looking at these files is said in the result: keys and fields follow the
design's sketch, the threshold of historical_50k was chosen on the file itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from api.bench.apart import peak_mib
from api.bench.cluster_scores import score_clusters
from api.bench.er_sweep import curve
from ingest.resolve.block import Key, candidate_pairs
from ingest.resolve.cluster import Edges, Ints, cluster
from ingest.resolve.fellegi_sunter import fit, weigh_fields
from ingest.resolve.fields import compare_fields, pack_fields
from ingest.resolve.linking import link_one_to_one

CAP = 2_000
WARM_UP = 300
THRESHOLDS = tuple(float(bits) for bits in range(-10, 31, 2))
FEBRL_FIELDS = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode",
    "date_of_birth", "soc_sec_id",
)  # fmt: skip
FEBRL_KEYS = (
    ("given_name", "surname"), ("date_of_birth",), ("soc_sec_id",), ("postcode", "surname_4"),
    ("postcode", "given_name_3"), ("state", "address_1"), ("street_number", "address_1_6"),
    ("surname_4", "given_name_3"), ("suburb", "given_name_3"),
)  # fmt: skip
FEBRL_LINK_KEYS = (*FEBRL_KEYS, ("one", "two"), ("address_2", "state"), ("postcode",))
FEBRL_EQUAL = ("given_name", "surname", "date_of_birth")
HISTORICAL_FIELDS = (
    "first_name", "surname", "full_name", "dob", "postcode_fake", "birth_place", "occupation",
)  # fmt: skip
HISTORICAL_KEYS = (
    ("first_name_3", "surname_4"), ("surname", "dob"), ("first_name", "dob"),
    ("postcode_fake", "first_name"), ("postcode_fake", "surname"), ("dob", "birth_place"),
    ("postcode_3", "dob"), ("postcode_3", "first_name"), ("postcode_3", "surname"),
    ("first_name_2", "surname_2", "year"), ("postcode_fake", "month"),
    ("postcode_fake", "occupation"), ("dob", "occupation"), ("first_name_3", "year", "birth_place"),
    ("surname_4", "year", "birth_place"), ("first_word", "last_word", "year"),
    ("surname_4", "year", "occupation"), ("first_name_3", "month"), ("surname_4", "month"),
    ("postcode_fake", "birth_place"),
)  # fmt: skip
NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Public:
    """A public file made ready.

    Attributes
    ----------
    frame
        Records with the columns of ``fields`` and ``keys`` as texts, and ``truth``.
    fields, keys
        What is compared; columns of each blocking key.
    equal
        Columns that exact matching wants equal.
    prior, threshold
        Of our engine; threshold in bits.
    source
        File of each record where each has one partner in the other file, else ``None``.
    tuned
        What was chosen while looking at this file.
    """

    frame: pl.DataFrame
    fields: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    equal: tuple[str, ...]
    prior: float
    threshold: float
    source: Ints | None = None
    tuned: str = "nothing"


def febrl_3(folder: Path) -> Public:
    """5,000 records with duplicates among them."""
    frame = _febrl(folder / "dataset3.csv")
    return Public(frame, FEBRL_FIELDS, FEBRL_KEYS, FEBRL_EQUAL, 2 / frame.height, 0.0)


def febrl_4(folder: Path) -> Public:
    """Two files of 5,000 records, each record with one partner in the other."""
    left, right = _febrl(folder / "dataset4a.csv"), _febrl(folder / "dataset4b.csv")
    source = np.repeat([0, 1], [left.height, right.height])
    # Given name and surname may have changed places in one of the files.
    one = [left["given_name"], right["surname"]]
    two = [left["surname"], right["given_name"]]
    frame = pl.concat([left, right]).with_columns(
        one=pl.concat([part.alias("one") for part in one]),
        two=pl.concat([part.alias("two") for part in two]),
    )
    return Public(frame, FEBRL_FIELDS, FEBRL_LINK_KEYS, FEBRL_EQUAL, 1 / left.height, 0.0, source)


def historical(folder: Path) -> Public:
    """50,578 records of historical persons with many errors."""
    frame = pl.read_parquet(folder / "historical_figures_with_errors_50k.parquet")
    word = pl.col("full_name")
    frame = frame.with_columns(
        truth=pl.col("cluster").rank("dense").cast(pl.Int64),
        first_name_2=pl.col("first_name").str.slice(0, 2),
        first_name_3=pl.col("first_name").str.slice(0, 3),
        surname_2=pl.col("surname").str.slice(0, 2),
        surname_4=pl.col("surname").str.slice(0, 4),
        postcode_3=pl.col("postcode_fake").str.slice(0, 3),
        year=pl.col("dob").str.slice(0, 4),
        month=pl.col("dob").str.slice(0, 7),
        first_word=word.str.extract(r"^(\S+)"),
        last_word=word.str.extract(r"(\S+)$"),
    )
    equal = ("full_name", "dob")
    tuned = "threshold, prior, keys"
    return Public(frame, HISTORICAL_FIELDS, HISTORICAL_KEYS, equal, 5e-4, 16.0, tuned=tuned)


FILES: dict[str, Callable[[Path], Public]] = {
    "febrl_3": febrl_3,
    "febrl_4": febrl_4,
    "historical_50k": historical,
}


def resolve_public(name: str, folder: Path) -> dict[str, Any]:
    """Ours on one of :data:`FILES`."""
    public = FILES[name](folder)
    _scored(_ends(public))
    started = perf_counter()
    edges = _scored(public)
    root = joined_at(public, edges, public.threshold)
    seconds = perf_counter() - started
    found = described(public, root, seconds, len(edges.a)) | {
        "threshold_bits": public.threshold,
        "tuned_on_it": public.tuned,
        "peak_mib": peak_mib(),
    }
    return found | swept(public, edges)


def exact_public(name: str, folder: Path) -> dict[str, Any]:
    """Records that state the same in the columns ``equal``, all of them stated, are one."""
    public = FILES[name](folder)
    started = perf_counter()
    stated = pl.DataFrame({"value": whole_values(public.frame, public.equal)}).with_row_index("own")
    first = pl.col("own").min().over("value")
    root = stated.select(pl.when(pl.col("value").is_null()).then("own").otherwise(first))
    seconds = perf_counter() - started
    return described(public, root.to_series().to_numpy().astype(np.int64), seconds, 0) | {
        "equal": list(public.equal)
    }


def swept(public: Public, edges: Edges) -> dict[str, Any]:
    """Curve and best threshold of scored pairs, for ours and peer alike."""
    own = pl.Series(range(public.frame.height))
    return curve(
        lambda bits: joined_at(public, edges, bits), THRESHOLDS, own, public.frame["truth"]
    )


def joined_at(public: Public, edges: Edges, threshold: float) -> Ints:
    """Smallest record of each record's cluster, or of it and its one partner."""
    if public.source is None:
        nothing = np.full(public.frame.height, -1)
        return cluster(public.frame.height, edges, threshold, nothing, nothing, (NONE, NONE)).root
    root = np.arange(public.frame.height)
    kept = link_one_to_one(public.frame.height, edges, threshold)
    root[edges.b[kept]] = edges.a[kept]
    return root


def described(public: Public, root: Ints, seconds: float, pairs: int) -> dict[str, Any]:
    """Figures of a partition of the file."""
    return {
        "seconds": round(seconds, 2),
        "records": public.frame.height,
        "records_per_s": round(public.frame.height / seconds),
        "pairs": pairs,
    } | asdict(score_clusters(pl.Series(root), public.frame["truth"]))


def whole_values(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """The columns as one value, null where one of them is empty."""
    is_whole = pl.all_horizontal(pl.col(c).fill_null("") != "" for c in columns)
    value = pl.when(is_whole).then(pl.concat_str(list(columns), separator="|"))
    return frame.select(value).to_series()


def _scored(public: Public) -> Edges:
    number = np.arange(public.frame.height)
    keys = [
        Key("+".join(columns), number, whole_values(public.frame, columns), CAP)
        for columns in public.keys
    ]
    fields = pack_fields(public.frame, public.fields)
    candidates = candidate_pairs(keys, public.frame.height)
    a, b = candidates.a, candidates.b
    if public.source is not None:
        is_across = public.source[a] != public.source[b]
        a, b = a[is_across], b[is_across]
    levels = compare_fields(fields, a, b)
    weights = fit(fields, levels, public.prior, public.source)
    return Edges(a, b, weigh_fields(weights, fields, a, levels))


def _ends(public: Public) -> Public:
    """The first and last records of a file: enough to have everything compiled and loaded."""
    height = public.frame.height
    rows = np.r_[: min(WARM_UP, height), max(height - WARM_UP, 0) : height]
    source = None if public.source is None else public.source[rows]
    return replace(public, frame=public.frame[rows.tolist()], source=source)


def _febrl(path: Path) -> pl.DataFrame:
    frame = pl.read_csv(path, infer_schema_length=0)
    frame = frame.rename({name: name.strip() for name in frame.columns})
    return frame.with_columns(pl.all().str.strip_chars()).with_columns(
        given_name_3=pl.col("given_name").str.slice(0, 3),
        surname_4=pl.col("surname").str.slice(0, 4),
        address_1_6=pl.col("address_1").str.slice(0, 6),
        truth=pl.col("rec_id").str.extract(r"rec-(\d+)").cast(pl.Int64),
    )
