"""Splink as a second engine: the same edges with our weights, its own edges under our rules."""

import gc
import logging
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

from ingest.errors import ResolveError
from ingest.resolve.cluster import Clusters, cluster
from ingest.resolve.engines.splink_engine import (
    SplinkPairs,
    connected_components,
    score_with_splink,
    splink_pairs,
)
from ingest.resolve.engines.splink_options import ENGINES, SplinkOptions
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.firms import match_records
from ingest.resolve.weigh import load_weights
from tests.unit.ingest.resolve.written_firms import WrittenFirms, written_firms

FROZEN, OWN = SplinkOptions(training="frozen"), SplinkOptions(training="own", max_pairs=3e5)
THRESHOLD = -2.0
NOBODY = np.empty(0, np.int64)


@pytest.fixture(scope="module")
def firms() -> WrittenFirms:
    return written_firms(620, seed=3)


@pytest.fixture(scope="module")
def few() -> WrittenFirms:
    return written_firms(60, seed=5)


def pairs_of(firms: WrittenFirms, options: SplinkOptions) -> SplinkPairs:
    return splink_pairs(firms.records, firms.packed, load_weights(), options)


def score_of(firms: WrittenFirms, options: SplinkOptions, **more: float) -> org.Scored:
    return score_with_splink(firms.records, firms.packed, load_weights(), options, **more)


def clusters_of(firms: WrittenFirms, scored: org.Scored, threshold: float = THRESHOLD) -> Clusters:
    scored = org.without_ambiguous(scored, firms.packed, threshold)
    edges = org.usable_edges(firms.packed, scored, threshold)
    free = (NOBODY, NOBODY)
    return cluster(firms.records.height, edges, threshold, firms.packed.code, firms.branch, free)


def assert_same(found: org.Scored, expected: org.Scored) -> None:
    assert len(expected.weight) > 100
    assert found.candidates.a.tolist() == expected.candidates.a.tolist()
    assert found.candidates.b.tolist() == expected.candidates.b.tolist()
    assert found.candidates.dropped == expected.candidates.dropped
    assert found.weight == pytest.approx(expected.weight, abs=1e-9)
    assert (found.levels == expected.levels).all()
    assert (found.status == expected.status).all()
    assert found.compared == expected.compared
    assert (found.level_counts == expected.level_counts).all()


@pytest.mark.parametrize("least", [-np.inf, 1.0])
def test_frozen_weights_give_the_edges_of_the_built_in_engine(
    firms: WrittenFirms, least: float
) -> None:
    expected = org.score(firms.records, firms.packed, load_weights(), least)
    assert_same(score_of(firms, FROZEN, least=least), expected)


def test_rules_mark_the_edges_of_splink_too(firms: WrittenFirms) -> None:
    odd = firms.records.with_columns(is_contradictory=pl.col("record") % 7 == 0)
    scored = score_with_splink(odd, firms.packed, load_weights(), OWN)
    scored = org.without_ambiguous(scored, firms.packed, THRESHOLD)
    ruled_out = (org.SHORT_ALONE, org.CONTRADICTORY, org.AMBIGUOUS)
    assert set(ruled_out) < set(scored.status.tolist())
    usable = org.usable_edges(firms.packed, scored, THRESHOLD)
    joining = set(zip(usable.a.tolist(), usable.b.tolist(), strict=True))
    marked = np.isin(scored.status, ruled_out)
    refused = zip(
        scored.candidates.a[marked].tolist(), scored.candidates.b[marked].tolist(), strict=True
    )
    assert not joining & set(refused)


def most_codes(firms: WrittenFirms, root: "np.ndarray") -> int:
    """The most valid codes that one cluster holds."""
    frame = pl.DataFrame({"root": root, "code": firms.packed.code}).filter(pl.col("code") >= 0)
    return frame.group_by("root").agg(pl.col("code").n_unique())["code"].max()


def test_own_edges_go_through_our_clustering(firms: WrittenFirms) -> None:
    plain = connected_components(firms.records.height, pairs_of(firms, OWN), THRESHOLD)
    assert most_codes(firms, plain) > 1
    ours = clusters_of(firms, score_of(firms, OWN))
    assert most_codes(firms, ours.root) == 1
    tails = pl.DataFrame({"root": ours.root, "branch": firms.branch})
    assert tails.group_by("root").agg(pl.col("branch").n_unique())["branch"].max() == 1


def test_own_training_is_repeatable_whatever_the_order_of_rows(firms: WrittenFirms) -> None:
    other = written_firms(620, seed=3, shuffle=9)
    one, two = pairs_of(firms, OWN), pairs_of(other, OWN)
    assert one.document == two.document
    assert one.document.weights.startswith("splink-5.")
    assert "m_probability" in str(one.document.settings)
    assert (one.a == two.a).all()
    assert (one.b == two.b).all()
    assert (one.weight == two.weight).all()
    roots = [clusters_of(f, score_of(f, OWN)).root.tolist() for f in (firms, other)]
    assert roots[0] == roots[1]


def test_another_seed_teaches_other_weights(firms: WrittenFirms) -> None:
    # Fewer random pairs than the records have, so that the seed chooses among them.
    few_pairs = SplinkOptions(training="own", max_pairs=1e5, seed=2)
    again = SplinkOptions(training="own", max_pairs=1e5, seed=3)
    assert pairs_of(firms, few_pairs).document != pairs_of(firms, again).document


@pytest.mark.parametrize("options", [FROZEN, OWN], ids=["frozen", "own"])
def test_nothing_is_printed_and_no_network_is_asked(
    few: WrittenFirms,
    options: SplinkOptions,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with caplog.at_level(logging.WARNING):
        assert len(pairs_of(few, options).weight)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_without_codes_splink_has_nothing_to_learn_from(few: WrittenFirms) -> None:
    bare = few.records.with_columns(code=pl.lit(""))
    with pytest.raises(ResolveError, match="有效信用代码"):
        splink_pairs(bare, few.packed, load_weights(), OWN)


@pytest.mark.parametrize("engine", ENGINES)
def test_missing_extra_names_the_cure(
    few: WrittenFirms, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(ResolveError, match=r"pip install 'jinghuan\[scale\]'"):
        pairs_of(few, SplinkOptions(engine=engine))


@pytest.fixture
def java() -> Iterator[None]:
    """A Java for Spark, whose process ends with the test."""
    from pyspark import SparkContext

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java 17 on this machine, which Spark needs (the embedded wheel's is cut)")
    yield
    # Spark leaves its Java running until Python ends; nothing public stops it.
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(30)
    SparkContext._gateway = SparkContext._jvm = None


@pytest.mark.slow
@pytest.mark.usefixtures("java")
def test_spark_gives_the_edges_of_the_built_in_engine(
    few: WrittenFirms, capfd: pytest.CaptureFixture[str]
) -> None:
    options = SplinkOptions(engine="splink-spark", spark_master="local[2]")
    assert_same(score_of(few, options), org.score(few.records, few.packed, load_weights()))
    assert capfd.readouterr().out == ""


# PySpark leaves a pipe to the Java that did not start.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_without_java_says_so(few: WrittenFirms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(ResolveError, match="Java 17"):
        pairs_of(few, SplinkOptions(engine="splink-spark", spark_master="local[1]"))
    gc.collect()


def test_the_engine_of_a_run_changes_no_cluster(firms: WrittenFirms) -> None:
    ours = match_records(firms.records, load_weights(), 2.0)
    theirs = match_records(firms.records, load_weights(), 2.0, engine="splink-duckdb")
    assert theirs.clusters.root.tolist() == ours.clusters.root.tolist()
    assert len(set(ours.clusters.root.tolist())) < firms.records.height
