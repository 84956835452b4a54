"""The generator of organisation records: shares, truth, relatives, and what it must not know.

Strategy: one world of the default size for most checks, so that rare collisions come up. Written
values are compared with the entity behind them by plain loops or joins that use none of the
generator's own code; python-stdnum and OpenCC are the oracles for codes and script.
"""

import ast
import hashlib
import itertools
import os
import subprocess
import sys
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import opencc
import polars as pl
import pytest
from stdnum.cn import uscc

from ingest.simulate.organizations import misspelling
from ingest.simulate.organizations.agencies import HABITS, missing_shares
from ingest.simulate.organizations.corruptions import (
    CIRCUMSTANCES,
    HELD_OUT,
    SPOILT_CODE,
    TUNED,
    Corruption,
    carries,
    corruption_names,
)
from ingest.simulate.organizations.generate import (
    ENTITY_COLUMNS,
    RECORD_COLUMNS,
    TRUTH_COLUMNS,
    Generated,
    generate_organizations,
)
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.stock import brand_characters, shipped, traditional

SEED = 20261101
SIZE = OrganizationParameters()
NAME_BITS = (
    Corruption.SHORT_NAME | Corruption.NO_REGION | Corruption.WRONG_REGION | Corruption.NOTATION
    | Corruption.TRADITIONAL | Corruption.FORMER_NAME | Corruption.HOMOPHONE | Corruption.TYPO
    | Corruption.TRANSPOSED_NAME | Corruption.OMITTED_INDUSTRY | Corruption.RARE_HOMOPHONE
    | Corruption.TRUNCATED_NAME
)  # fmt: skip
# Traditional forms that OpenCC's table from traditional to simplified takes elsewhere or leaves.
BEYOND_OPENCC = {"鉅", "衞"}


@pytest.fixture(scope="module")
def generated() -> Generated:
    """Records of a whole province."""
    return generate_organizations(SIZE, SEED)


@pytest.fixture(scope="module")
def known(generated: Generated) -> pl.DataFrame:
    """Records beside their truth and the entity behind them (columns with ``true_``)."""
    entities = generated.entities.rename(
        {c: f"true_{c}" for c in ENTITY_COLUMNS if c not in ("entity_id", "kind", "parent_id")}
    )
    return generated.records.join(generated.truth, on="record_id", validate="1:1").join(
        entities, on="entity_id", validate="m:1"
    )


def fingerprint(generated: Generated) -> str:
    digest = hashlib.sha256()
    for frame in (generated.records, generated.truth, generated.entities):
        buffer = BytesIO()
        frame.write_csv(buffer)
        digest.update(buffer.getvalue())
    return digest.hexdigest()


def folded(names: pl.Expr) -> pl.Expr:
    """Brackets of one width."""
    return names.str.replace_many(["（", "）"], ["(", ")"])


def test_equal_seeds_give_equal_bytes_in_another_process_with_one_thread() -> None:
    small = OrganizationParameters(firm_count=1_500)
    here = fingerprint(generate_organizations(small, 5))
    script = (
        "from tests.unit.ingest.simulate.test_organizations import *\n"
        "print(fingerprint(generate_organizations(OrganizationParameters(firm_count=1_500), 5)))"
    )
    there = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "77",
                          "PYTHONPATH": str(Path(__file__).parents[4])},
    ).stdout.strip()  # fmt: skip
    assert here == there
    assert here != fingerprint(generate_organizations(small, 6))


def test_columns_are_as_declared_and_truth_is_keyed_one_to_one(generated: Generated) -> None:
    assert generated.records.schema == RECORD_COLUMNS
    assert generated.truth.schema == TRUTH_COLUMNS
    assert generated.entities.schema == ENTITY_COLUMNS
    n = SIZE.record_count
    assert generated.records["record_id"].to_list() == list(range(n))
    assert generated.truth["record_id"].to_list() == list(range(n))
    assert generated.entities["entity_id"].to_list() == list(range(SIZE.firm_count))
    assert generated.truth["entity_id"].n_unique() == SIZE.firm_count
    assert set(generated.records["agency"]) == {habit.agency for habit in HABITS}
    assert generated.records["name"].null_count() == 0
    assert generated.records["name"].str.strip_chars().str.len_chars().min() >= 3


def test_the_order_of_records_tells_nothing(generated: Generated) -> None:
    entity = generated.truth["entity_id"].to_numpy()
    assert (entity[1:] == entity[:-1]).mean() < 0.001
    assert abs(np.corrcoef(entity, np.arange(len(entity)))[0, 1]) < 0.02
    parent = generated.entities.drop_nulls("parent_id")
    assert abs(np.corrcoef(parent["entity_id"], parent["parent_id"])[0, 1]) < 0.1


@pytest.mark.parametrize("share", [0.0, 0.3, 0.42, 0.85, 1.0])
def test_share_of_missing_codes(share: float) -> None:
    parameters = OrganizationParameters(firm_count=5_000, missing_code_ratio=share)
    codes = generate_organizations(parameters, SEED).records["code"]
    assert codes.null_count() / len(codes) == pytest.approx(share, abs=0.012)


def test_ordinary_agencies_keep_their_habits_of_coding(known: pl.DataFrame) -> None:
    missing = dict(
        known.group_by("agency").agg(pl.col("code").is_null().mean()).iter_rows()
    )  # fmt: skip
    assert missing["tax"] == 0.0
    assert missing["transport"] == 1.0
    assert missing["ecology"] == pytest.approx(0.30, abs=0.03)
    assert known.filter(agency="tax")["phone"].null_count() == known.filter(agency="tax").height
    assert sum(missing_shares((10, 10, 10, 10, 10), 0.5)) == pytest.approx(2.5)


def test_every_corruption_occurs_and_the_groups_part_them(generated: Generated) -> None:
    for corruption in Corruption:
        count = generated.truth.select(carries(corruption).sum()).item()
        assert count >= 20, corruption.name
    assert int(TUNED & HELD_OUT) == 0
    assert int(TUNED | HELD_OUT) == sum(map(int, Corruption))
    bits = pl.Series("bits", [0, int(Corruption.TYPO | Corruption.MISSING_CODE)])
    assert corruption_names(bits).to_list() == [[], ["missing_code", "typo"]]


@pytest.mark.parametrize("ratio", [0.0, 0.15, 0.5])
def test_share_of_held_out_corruptions(ratio: float) -> None:
    parameters = OrganizationParameters(firm_count=6_000, held_out_ratio=ratio)
    truth = generate_organizations(parameters, SEED).truth
    wrong = truth.filter(carries(~CIRCUMSTANCES))
    share = wrong.select(carries(HELD_OUT).mean()).item()
    assert share == pytest.approx(ratio, abs=0.02)


def test_codes_are_valid_unless_a_corruption_says_otherwise(known: pl.DataFrame) -> None:
    coded = known.drop_nulls("code")
    sound = coded.filter(~carries(SPOILT_CODE))
    assert (sound["code"] == sound["true_code"]).all()
    assert all(uscc.is_valid(code) for code in sound["code"].unique())
    for mask in (Corruption.MISTYPED_CODE, Corruption.SWAPPED_CODE):
        spoilt = coded.filter(carries(mask))
        assert not any(uscc.is_valid(code) for code in spoilt["code"])
    lookalike = coded.filter(carries(Corruption.LOOKALIKE_CODE))
    assert (lookalike["code"] != lookalike["true_code"]).all()
    restored = lookalike["code"].str.replace_many(["O", "I"], ["0", "1"])
    assert (restored == lookalike["true_code"]).all()
    for code, true in (
        coded.filter(carries(Corruption.SWAPPED_CODE)).select("code", "true_code").iter_rows()
    ):
        off = [i for i, (a, b) in enumerate(zip(code, true, strict=True)) if a != b]
        assert [place - off[0] for place in off] == [0, 1]
        assert sorted(code) == sorted(true)


def test_every_organisation_has_a_valid_code_of_its_own(generated: Generated) -> None:
    codes = generated.entities["code"]
    assert codes.n_unique() == len(codes)
    assert all(uscc.is_valid(code) for code in codes)


def test_missing_values_are_those_that_truth_names(known: pl.DataFrame) -> None:
    for column, mask in (
        ("code", Corruption.MISSING_CODE), ("division_code", Corruption.MISSING_DIVISION)
    ):  # fmt: skip
        assert (known[column].is_null() == known.select(carries(mask)).to_series()).all()


def test_names_without_a_corruption_are_the_registered_ones(known: pl.DataFrame) -> None:
    clean = known.filter(~carries(NAME_BITS))
    assert clean.height > known.height / 2
    assert clean.select((folded(pl.col("name")) == pl.col("true_name")).all()).item()
    wrong = known.filter(carries(NAME_BITS))
    assert wrong.select((folded(pl.col("name")) == pl.col("true_name")).mean()).item() < 0.002


@pytest.mark.parametrize(
    "mask", [Corruption.HOMOPHONE, Corruption.RARE_HOMOPHONE, Corruption.TRANSPOSED_NAME]
)
def test_single_slips_change_one_place_of_the_name(known: pl.DataFrame, mask: Corruption) -> None:
    only = known.filter((pl.col("corruptions") & int(NAME_BITS)) == int(mask))
    assert only.height >= 20
    tables = {
        frozenset(pair)
        for row in shipped("homophones")
        if row["split"] == ("held_out" if mask is Corruption.RARE_HOMOPHONE else "tuned")
        for pair in itertools.combinations(row["characters"], 2)
    }
    for written, true in only.select(folded(pl.col("name")), "true_name").iter_rows():
        off = [(a, b) for a, b in zip(written, true, strict=True) if a != b]
        if mask is Corruption.TRANSPOSED_NAME:
            assert off == [off[0], off[0][::-1]], (written, true)
        else:
            assert [frozenset(pair) in tables for pair in off] == [True], (written, true)


def test_former_names(known: pl.DataFrame) -> None:
    entities = known.unique("entity_id")
    assert 0.05 < entities["true_former_name"].is_not_null().mean() < 0.12
    written = known.filter((pl.col("corruptions") & int(NAME_BITS)) == int(Corruption.FORMER_NAME))
    assert written.height >= 50
    assert written.select((folded(pl.col("name")) == pl.col("true_former_name")).all()).item()
    stated = known.drop_nulls("former_name")
    assert stated.height >= 50
    assert (stated["former_name"] == stated["true_former_name"]).all()
    assert not stated.select(carries(Corruption.FORMER_NAME).any()).item()


def test_relatives(generated: Generated) -> None:
    entities = generated.entities
    pairs = entities.drop_nulls("parent_id").join(
        entities.select(parent_id="entity_id", parent_name="name", parent_city=city_of()),
        on="parent_id", validate="m:1",
    )  # fmt: skip
    share = dict(entities.group_by("kind").agg(pl.len() / entities.height).iter_rows())
    for kind, wanted in (("sister", 0.07), ("branch", 0.05), ("namesake", 0.05),
                         ("subsidiary", 0.03)):  # fmt: skip
        assert share[kind] == pytest.approx(wanted, rel=0.15), kind
    of_kind = {kind: pairs.filter(kind=kind) for kind in share}
    branches = of_kind["branch"]
    assert all(n.startswith(p) for n, p in branches.select("name", "parent_name").iter_rows())
    assert (branches["name"].str.len_chars() > branches["parent_name"].str.len_chars()).all()
    assert (of_kind["namesake"].select(city_of() != pl.col("parent_city")).to_series()).all()
    apart = [
        sum(a != b for a, b in zip(n, p, strict=True))
        for n, p in of_kind["sister"].select("name", "parent_name").iter_rows() if len(n) == len(p)
    ]  # fmt: skip
    assert apart.count(1) > of_kind["sister"].height * 0.3
    numbered = of_kind["sister"].filter(pl.col("name").str.contains("[一二三四五]厂$"))
    assert numbered.height >= 5


def city_of() -> pl.Expr:
    return pl.col("division_code").str.slice(0, 4)


def test_shared_phones_and_addresses(known: pl.DataFrame) -> None:
    digits = pl.col("phone").str.replace_all(r"\D", "").str.replace("^86", "")
    kept = known.filter(carries(Corruption.BOOKKEEPER_PHONE)).group_by(digits).agg(
        firms=pl.col("entity_id").n_unique()
    )  # fmt: skip
    assert 150 < kept["firms"].max() <= 330
    house = pl.col("address").str.extract(r"([^省市县区镇街道乡]+号[^0-9]{4,})", 1)
    tenants = (
        known.filter(carries(Corruption.INCUBATOR_ADDRESS))
        .with_columns(house=house).drop_nulls("house").group_by("house")
        .agg(firms=pl.col("entity_id").n_unique())
    )  # fmt: skip
    assert 100 < tenants["firms"].max() <= 700


def test_different_firms_are_rarely_written_alike_without_anything_to_tell_them_apart(
    known: pl.DataFrame,
) -> None:
    """Alike: equal name and place, and no code, phone, person or address of their own."""
    bare = pl.all_horizontal(pl.col("code", "phone", "legal_representative", "address").is_null())
    spoken = folded(pl.col("name")).str.replace_all(r"\s", "")
    alike = known.with_columns(
        firms=pl.col("entity_id").n_unique().over(spoken, pl.col("division_code").fill_null(""))
    )
    undecidable = alike.filter(bare & (pl.col("firms") > 1))
    assert undecidable.height / known.height < 0.005
    # Whatever else they carry, hardly any two firms of one county are written the same way.
    assert alike.filter(pl.col("firms") > 1).height / known.height < 0.02


def test_registered_names_are_unique(generated: Generated) -> None:
    assert generated.entities["name"].n_unique() == generated.entities.height


def test_traditional_characters_go_back_to_simplified_ones() -> None:
    back = opencc.OpenCC("t2s")
    for form in ("usual", "variant"):
        for simplified, written in zip(*traditional(form), strict=True):
            assert simplified != written
            if written not in BEYOND_OPENCC:
                assert back.convert(written) == simplified, (simplified, written)


def test_tables_of_likenesses_are_large_and_apart() -> None:
    rows = shipped("homophones")
    pairs: dict[str, set[frozenset[str]]] = {"tuned": set(), "held_out": set()}
    for row in rows:
        assert len(set(row["characters"])) == len(row["characters"]) >= 2, row
        for pair in itertools.combinations(row["characters"], 2):
            pairs[row["split"]].add(frozenset(pair))
    assert sum(row["split"] == "tuned" for row in rows) >= 120
    assert sum(row["split"] == "held_out" for row in rows) >= 60
    assert not pairs["tuned"] & pairs["held_out"]
    assert len(set(brand_characters().texts)) == len(brand_characters().texts) >= 600


def room() -> Path:
    return Path(str(files("ingest.simulate.organizations")))


def test_the_room_knows_nothing_of_resolution() -> None:
    for path in sorted(room().glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(n.startswith("ingest.resolve") for n in names), path.name
        assert "ingest.resolve" not in path.read_text("utf-8"), path.name


SLIPS = [
    (
        "homophone",
        lambda rng, t: misspelling.with_homophone(rng, t, misspelling.likenesses("tuned")),
        0,
    ),
    ("substitute", misspelling.with_substitute, 0),
    ("doubled", misspelling.with_doubled, 1),
    ("loss", misspelling.with_loss, -1),
    ("transposition", misspelling.with_transposition, 0),
]


@pytest.mark.parametrize(("name", "slip", "longer"), SLIPS, ids=[s[0] for s in SLIPS])
def test_slips_stay_within_their_stretch(name: str, slip: misspelling.Slip, longer: int) -> None:
    texts = pl.Series(["苏州华源化工有限公司", "鑫盛厂", "南通宏泰"] * 40)
    start = np.array([2, 0, 2] * 40)
    span = np.array([4, 2, 2] * 40)
    out = slip(np.random.default_rng(3), misspelling.stretch(texts, start, span))
    for old, new, s, w in zip(texts, out, start, span, strict=True):
        assert new[:s] == old[:s]
        if new == old:  # too short a stretch to lose a character
            assert (name, w) == ("loss", 2)
            continue
        assert len(new) == len(old) + longer
        assert new[s + w + longer :] == old[s + w :]
    assert len(misspelling.with_typo(np.random.default_rng(1), texts, start, span)) == len(texts)


def test_slips_of_no_names() -> None:
    none = misspelling.stretch(pl.Series([], dtype=pl.String), np.array([], int), np.array([], int))
    for _, slip, _ in SLIPS:
        assert len(slip(np.random.default_rng(1), none)) == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("firm_count", 1), ("firm_count", 10**8), ("records_per_firm", 0.5), ("slip_scale", -1.0),
        ("missing_code_ratio", 1.2), ("held_out_ratio", -0.1), ("sister_ratio", 0.55),
    ],
)  # fmt: skip
def test_parameters_outside_their_range_are_refused(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=r"firm|share|choose|leave"):
        OrganizationParameters(**{setting: value})


@pytest.mark.parametrize("firm_count", [2, 20, 300])
def test_tiny_worlds(firm_count: int) -> None:
    parameters = OrganizationParameters(firm_count=firm_count, records_per_firm=1.0)
    made = generate_organizations(parameters, 1)
    assert made.records.height == firm_count
    assert made.truth["entity_id"].n_unique() == firm_count


def test_without_slips_nothing_is_written_wrongly() -> None:
    parameters = OrganizationParameters(
        firm_count=2_000, slip_scale=0.0, held_out_ratio=0.0, former_name_ratio=0.0,
        moved_ratio=0.0, new_representative_ratio=0.0, missing_code_ratio=0.0,
    )  # fmt: skip
    made = generate_organizations(parameters, 1)
    assert not made.truth.select(carries(~CIRCUMSTANCES).any()).item()
    codes = made.records.join(made.truth, on="record_id").group_by("entity_id")
    assert codes.agg(pl.col("code").n_unique())["code"].max() == 1
