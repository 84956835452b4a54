"""HW-10: order and gaps of the data, unknown figures, bounds of the search, what it declares."""

import random
from dataclasses import fields

from analytics.models.hw_10 import MODEL, Params, detect
from records.contract import load_contract
from tests.unit.analytics.chain_lake import AS_OF, ChainLake, driven
from tests.unit.analytics.tables import make_inputs


def test_episodes_are_cut_after_ninety_days() -> None:
    lake = ChainLake().chain().sell("gx", -100, 100.0).sell("xr", -98, 80.0)
    assert len(lake.drafts()) == 2
    near = ChainLake().chain().sell("gx", -80, 100.0).sell("xr", -78, 80.0)
    assert len(near.drafts()) == 1


def test_unknown_quantities_and_times() -> None:
    lake = ChainLake().shell("x").sell("gx", 0, None).sell("xr", 3, None, "废盐")
    (draft,) = lake.drafts(score_3=2.0)
    assert draft.title.endswith("数量不明）")
    assert any("pass_through_share" in line and "not testable" in line for line in draft.searched)


def test_order_of_rows_and_duplicates_do_not_matter() -> None:
    lake = driven(ChainLake().chain().sell("hx", 0, 30.0).sell("gx", 0, 100.0).ship("gx", 0))
    first = [d.statistics for d in lake.drafts()], [d.identity for d in lake.drafts()]
    for seed in range(3):
        mixed = ChainLake()
        for name, rows in lake.tables.items():
            is_dataset = name in load_contract().datasets
            numbered = [
                row | ({"row": n, "batch": f"batch-{name}"} if is_dataset else {})
                for n, row in enumerate(rows, 1)
            ]
            random.Random(seed).shuffle(numbered)
            mixed.tables[name] = numbered
        drafts = mixed.drafts()
        assert ([d.statistics for d in drafts], [d.identity for d in drafts]) == first
        assert repr(drafts) == repr(lake.drafts())


def test_second_run_gives_the_same() -> None:
    inputs = make_inputs(driven(ChainLake().chain()).tables, AS_OF)
    assert repr(detect(inputs, Params())) == repr(detect(inputs, Params()))


def test_empty_lake() -> None:
    assert detect(make_inputs({}, AS_OF), Params()) == []


def test_cut_search_says_so() -> None:
    drafts = ChainLake().chain().sell("xy", 3, 80.0).drafts(search_paths=1)
    assert any("1 first hand-overs" in line for draft in drafts for line in draft.searched)
    assert any("more of this chain" in line for draft in drafts for line in draft.searched)


def test_model_declares_what_it_needs() -> None:
    assert set(MODEL.datasets) <= set(load_contract().datasets)
    assert all(f.metadata["source"] and f.metadata["unit"] for f in fields(Params))
    assert MODEL.episode_gap_days == Params().episode_gap_days
