"""Public files of persons, made small here in the form of FEBRL: 400 persons, some twice."""

from pathlib import Path

import polars as pl
import pytest

from api.bench.er_persons import FEBRL_FIELDS, exact_public, febrl_3, febrl_4, resolve_public

PERSONS, TWICE = 400, 120
GIVEN = ("anna", "bela", "carl", "dora", "emil", "fred", "gina", "hugo", "ines", "jana")
SURNAMES = ("abel", "bauer", "conrad", "doerr", "ebert", "fuchs", "graf", "horn", "igel", "jung")


def person(number: int) -> dict[str, str]:
    """A person as registered; no two are alike."""
    return {
        "given_name": GIVEN[number % 10],
        "surname": SURNAMES[number // 10 % 10] + chr(ord("a") + number // 100),
        "street_number": str(number % 97 + 1),
        "address_1": f"{SURNAMES[number % 7]} street",
        "address_2": "",
        "suburb": f"{GIVEN[number % 9]}ville",
        "postcode": str(2000 + number * 7 % 900),
        "state": "nsw",
        "date_of_birth": f"19{number % 90 + 10}{number % 12 + 1:02d}{number % 28 + 1:02d}",
        "soc_sec_id": str(1_000_000 + number * 7919),
    }


def write(path: Path, numbers: range, *, is_copy: bool) -> None:
    """Records of persons; copies have a slip in the surname, every other one."""
    lines = []
    for number in numbers:
        line = person(number)
        if is_copy and number % 2:
            line["surname"] = line["surname"][1:]
        lines.append({"rec_id": f"rec-{number}-{'dup-0' if is_copy else 'org'}"} | line)
    # The files have a blank before each heading and value.
    frame = pl.DataFrame([{f" {k}": f"  {v}" for k, v in line.items()} for line in lines])
    with path.open("ab") as file:
        file.write(frame.write_csv(include_header=file.tell() == 0).encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with persons twice, and two whose records are partners."""
    made = tmp_path_factory.mktemp("febrl")
    write(made / "dataset3.csv", range(PERSONS), is_copy=False)
    write(made / "dataset3.csv", range(TWICE), is_copy=True)
    write(made / "dataset4a.csv", range(PERSONS), is_copy=False)
    write(made / "dataset4b.csv", range(PERSONS), is_copy=True)
    return made


def test_files_are_read_without_blanks(folder: Path) -> None:
    public = febrl_3(folder)
    assert public.frame.height == PERSONS + TWICE
    assert set(FEBRL_FIELDS) <= set(public.frame.columns)
    assert public.frame["given_name"][0] == "anna"
    assert public.frame["truth"].n_unique() == PERSONS
    linked = febrl_4(folder)
    assert linked.source is not None
    assert linked.source.sum() == PERSONS


def test_ours_finds_slips_that_exact_matching_misses(folder: Path) -> None:
    ours, exact = resolve_public("febrl_3", folder), exact_public("febrl_3", folder)
    assert exact["true_pairs"] == ours["true_pairs"] == TWICE
    assert (exact["precision"], exact["found_pairs"]) == (1.0, TWICE // 2)
    assert ours["f1"] > 0.95 > exact["f1"]
    assert ours["best"]["f1"] >= ours["f1"]
    at = {point["threshold_bits"]: point for point in ours["curve"]}
    assert at[ours["threshold_bits"]]["f1"] == ours["f1"]


def test_linking_gives_each_record_one_partner(folder: Path) -> None:
    ours = resolve_public("febrl_4", folder)
    assert ours["true_pairs"] == PERSONS
    assert ours["found_pairs"] <= PERSONS
    assert ours["f1"] > 0.95
    assert ours["bcubed_f1"] > 0.95
