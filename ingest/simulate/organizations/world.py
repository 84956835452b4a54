"""The organisations as they are; what the agencies write down is taken from here."""

import polars as pl

from ingest.simulate.organizations.codes import credit_codes
from ingest.simulate.organizations.contacts import with_contacts
from ingest.simulate.organizations.history import with_history
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.settling import settle_firms


def make_world(parameters: OrganizationParameters, seed: int) -> pl.DataFrame:
    """One row per organisation with everything true of it, now and before."""
    firms = settle_firms(parameters, seed)
    firms = with_contacts(firms, parameters, seed)
    firms = with_history(firms, parameters, seed)
    return firms.with_columns(code=credit_codes(firms, seed))
