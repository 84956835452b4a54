"""A result of ``bench er`` on little data, made in place: processes of their own take too long."""

from functools import cache
from typing import Any

from api.bench.er_details import detailed
from api.bench.er_organizations import Task, resolve_generated
from api.bench.er_splink import resolve_with_splink
from ingest.simulate.organizations.parameters import OrganizationParameters

FIRMS, SEED = 400, 5
TASK = Task(OrganizationParameters(FIRMS), SEED)


@cache
def details() -> dict[str, Any]:
    """What stands behind the figures of ours."""
    return detailed(TASK)


@cache
def run() -> dict[str, Any]:
    """Ours as it runs."""
    return resolve_generated(TASK)


@cache
def organizations() -> dict[str, Any]:
    """Ours, exact matching and Splink on the same records."""
    return {
        "ours": run(),
        "exact": resolve_generated(Task(TASK.parameters, SEED, engine="exact")),
        **resolve_with_splink(TASK, True),
    }
