"""The contract as shipped: complete, consistent, and equal to where it comes from."""

from pathlib import Path

import pytest

from records.contract import STORED_TYPES, load_contract, read_table

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "records" / "data"
SOURCE = ROOT.parent / "shared" / "domain"
OURS = {"mentions.csv", "vat_refund_inputs.csv"}
TYPES = {
    *STORED_TYPES,
    *("text", "uscc", "person_id", "phone", "plate", "hw_code", "division", "month", "enum"),
    *("coord_wkt", "json"),
}


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the folder of shared domain tables is not here")
def test_shipped_tables_equal_their_source() -> None:
    names = {p.name for p in SHIPPED.iterdir() if p.suffix in (".csv", ".json")} - OURS
    assert names <= {p.name for p in SOURCE.iterdir()}
    assert "DATASETS.csv" in names
    for name in sorted(names):
        assert (SHIPPED / name).read_bytes() == (SOURCE / name).read_bytes(), name


def test_the_contract_holds_what_its_table_says() -> None:
    rows = read_table("DATASETS.csv")
    datasets = load_contract().datasets
    assert len(datasets) == len({row["dataset"] for row in rows}) - 1 == 106
    own = sum(len(d.columns) - 3 for d in datasets.values())
    assert own + 3 == len(rows) == 1322


def test_every_column_is_of_a_known_type_and_named_once() -> None:
    for dataset in load_contract().datasets.values():
        names = [column.name for column in dataset.columns]
        assert len(set(names)) == len(names), dataset.name
        for column in dataset.columns:
            assert column.base_type in TYPES, (dataset.name, column.name)
            assert bool(column.enum) == (column.base_type == "enum"), (dataset.name, column.name)


def test_keys_are_numbered_from_one_without_gaps() -> None:
    for dataset in load_contract().datasets.values():
        keys = [column.key for column in dataset.keys]
        assert keys == list(range(1, len(keys) + 1)), dataset.name
        assert keys, dataset.name


def test_common_columns_close_every_dataset() -> None:
    for dataset in load_contract().datasets.values():
        assert [c.name for c in dataset.columns[-3:]] == [
            "source_record_id",
            "source_updated_at",
            "source_system",
        ]


def test_references_name_datasets_or_tables() -> None:
    datasets = load_contract().datasets
    tables = {p.stem for p in SHIPPED.iterdir()}
    for dataset in datasets.values():
        for column in dataset.columns:
            target, _, name = column.refers_to.partition(".")
            if not target:
                continue
            if target in datasets:
                datasets[target].column(name)
            else:
                assert target in tables, (dataset.name, column.name, target)


def test_an_unknown_dataset_or_column_is_named() -> None:
    with pytest.raises(KeyError, match="unknown dataset 'x'"):
        load_contract().dataset("x")
    with pytest.raises(KeyError, match="dataset manifest has no column x"):
        load_contract().dataset("manifest").column("x")
