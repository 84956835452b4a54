"""Records of made-up organisations as resolution takes them, in an order of one's choice."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.resolve.compare import Records
from ingest.resolve.kinds import organization_records as forms
from ingest.simulate.organizations.generate import generate_organizations
from ingest.simulate.organizations.parameters import OrganizationParameters


@dataclass(frozen=True)
class WrittenFirms:
    """Records with their arrays and branch numbers."""

    records: pl.DataFrame
    packed: Records
    branch: "np.ndarray"


def written_firms(firm_count: int, seed: int, shuffle: int | None = None) -> WrittenFirms:
    """Records of ``firm_count`` firms; ``shuffle`` is the seed of another order of the rows."""
    rows = generate_organizations(OrganizationParameters(firm_count=firm_count), seed).records
    if shuffle is not None:
        rows = rows.sample(fraction=1.0, shuffle=True, seed=shuffle)
    tuples = rows.select(
        "name",
        "code",
        "phone",
        "address",
        mention=pl.lit(0),
        rows=pl.lit(1, pl.Int64),
        division="division_code",
        person="legal_representative",
    )
    former = rows.select("code", name="former_name").drop_nulls().unique().sort("code", "name")
    records = forms.build_records(forms.tuple_fields(tuples), former, set())
    packed = forms.packed_records(records)
    return WrittenFirms(records, packed, forms.branch_numbers(records, packed))
