"""Which column of which dataset names which kind of entity, in which role.

Source: ``records/data/mentions.csv``. ``condition`` is empty, ``list`` (a cell names several),
``trailer`` / ``plate_kind`` (vehicles), ``column!`` (only where that column is filled),
``column=value`` / ``column!=value`` (only those rows) or ``column~kind`` (only where the code in
that column has the form of a credit code, ``organization``, or of an ID number, ``person``).
For sites it is the kind of the site.
"""

from dataclasses import dataclass
from functools import cache

from records.contract import read_table

SUFFIX_BY_KIND = {
    "organization": "entity",
    "person": "person",
    "vehicle": "vehicle",
    "site": "site",
    "outlet": "outlet",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where rows of a dataset name an entity; empty strings mean no such column."""

    dataset: str
    kind: str
    role: str
    name: str
    code: str
    phone: str
    address: str
    person: str
    person_id: str
    division: str
    lon: str
    lat: str
    belongs_to: str
    condition: str

    @property
    def column(self) -> str:
        """The column that a member line cites: the one holding the name, else the code."""
        return self.name or self.code

    @property
    def is_list(self) -> bool:
        """Whether one cell may name several entities."""
        return self.condition == "list"

    @property
    def linked_column(self) -> str:
        """Column of the ``<dataset>_linked`` view, empty when the mention is not shown there."""
        suffix = SUFFIX_BY_KIND.get(self.kind)
        return f"{self.role}_{suffix}" if suffix and not self.is_list else ""


@cache
def load_mentions() -> tuple[Mention, ...]:
    """All mentions in file order."""
    return tuple(Mention(**row) for row in read_table("mentions.csv"))


def mentions_of(dataset: str) -> tuple[Mention, ...]:
    """The mentions of one dataset."""
    return tuple(m for m in load_mentions() if m.dataset == dataset)
