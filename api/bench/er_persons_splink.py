"""Splink on the public files of persons, with the comparisons its library has for such fields.

It gets our blocking keys and prior; its weights are its own, learned without labels.
"""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import polars as pl

from api.bench.apart import peak_mib
from api.bench.er_persons import FILES, Public, described, joined_at, swept
from ingest.resolve.cluster import Edges
from ingest.resolve.engines.splink_backends import duckdb_backend, quiet
from ingest.resolve.engines.splink_options import SplinkOptions

if TYPE_CHECKING:
    from splink import SettingsCreator

FIXED_BITS = 0.0
SELECTED = "unique_id_l AS a, unique_id_r AS b, match_weight AS weight"
SEED, RANDOM_PAIRS = 1, 1e6
# Keys within which agreement is learned; no field is part of both.
LEARNED_WITHIN = {
    "febrl_3": (("given_name", "surname"), ("date_of_birth",)),
    "febrl_4": (("given_name", "surname"), ("date_of_birth",)),
    "historical_50k": (("first_name", "surname"), ("dob",)),
}


def splink_public(name: str, folder: Path) -> dict[str, Any]:
    """Splink on one of :data:`er_persons.FILES`: at even odds, and at its best threshold."""
    public = FILES[name](folder)
    started = perf_counter()
    edges = _scored(name, public)
    root = joined_at(public, edges, FIXED_BITS)
    seconds = perf_counter() - started
    found = described(public, root, seconds, len(edges.a)) | {
        "threshold_bits": FIXED_BITS,
        "tuned_on_it": "keys and prior are ours; `best` was chosen with the truth",
        "peak_mib": peak_mib(),
    }
    return found | swept(public, edges)


def _scored(name: str, public: Public) -> Edges:
    columns = dict.fromkeys((*public.fields, *(c for key in public.keys for c in key)))
    frame = public.frame.select(
        pl.int_range(pl.len()).alias("unique_id"),
        # An empty text is no value.
        *(pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in columns),
    )
    parts = (
        [frame]
        if public.source is None
        else [frame.filter(pl.Series(public.source == side)) for side in (0, 1)]
    )
    with quiet(), duckdb_backend(SplinkOptions()) as backend:
        from splink import Linker, block_on

        tables = [
            backend.put(f"person_{number}", part.to_arrow(compat_level=pl.CompatLevel.oldest()))
            for number, part in enumerate(parts)
        ]
        linker = Linker(
            tables if len(tables) > 1 else tables[0],
            _settings(name, public),
            log_level=None,
            validate_settings=False,
        )
        linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=SEED)
        for key in LEARNED_WITHIN[name]:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key))
        scored = linker.inference.predict().physical_name
        found = backend.query(f"SELECT {SELECTED} FROM {scored}")  # noqa: S608 - a table that Splink itself named, no input
    pairs = pl.DataFrame(pl.from_arrow(found)).select(
        a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"), weight="weight"
    )
    pairs = pairs.sort("a", "b")
    return Edges(pairs["a"].to_numpy(), pairs["b"].to_numpy(), pairs["weight"].to_numpy())


def _settings(name: str, public: Public) -> "SettingsCreator":
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only" if public.source is None else "link_only",
        comparisons=_historical() if name == "historical_50k" else _febrl(),
        blocking_rules_to_generate_predictions=[block_on(*key) for key in public.keys],
        probability_two_random_records_match=public.prior,
    )


def _febrl() -> list[Any]:
    import splink.comparison_library as cl

    return [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.LevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.LevenshteinAtThresholds("postcode", [1, 2]),
        cl.ExactMatch("street_number"),
        *(cl.JaroWinklerAtThresholds(c, [0.9, 0.7]) for c in ("address_1", "address_2", "suburb")),
    ]


def _historical() -> list[Any]:
    import splink.comparison_library as cl

    return [
        cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("dob", input_is_string=True, datetime_format="%Y-%m-%d"),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ]
