"""Legal references in force on a day.

Source: ``records/data/legal_refs.csv``. A model cites the newest numbering; an act before its
entry into force is governed by the predecessor, found backwards through ``successor_ref``.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from records.contract import read_table

LEGAL_GAP = "legal_gap"


@dataclass(frozen=True, slots=True)
class LegalReference:
    """One article of one instrument in the period in which it is in force, days inclusive."""

    ref_id: str
    instrument: str
    article: str
    effective_from: date
    effective_to: date | None
    successor_ref: str
    gist_en: str
    product_rule: str

    def is_in_force(self, day: date) -> bool:
        """Whether the article applies on ``day``."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    @property
    def citation(self) -> str:
        """How a paper cites it: 《instrument》第 article 条."""
        articles = self.article.replace(", ", "、")
        if not articles or articles == "whole":
            return f"《{self.instrument}》"
        return f"《{self.instrument}》第{articles}条"


@cache
def load_references() -> dict[str, LegalReference]:
    """All references by id."""
    references = {}
    for row in read_table("legal_refs.csv"):
        start = row["effective_from"]
        references[row["ref_id"]] = LegalReference(
            ref_id=row["ref_id"],
            instrument=row["instrument"],
            article=row["article"],
            effective_from=date.fromisoformat(start) if start else date.min,
            effective_to=date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
            successor_ref=row["successor_ref"],
            gist_en=row["gist_en"],
            product_rule=row["product_rule"],
        )
    return references


def _in_force(ref_id: str, day: date) -> list[str]:
    """The reference itself, else the nearest of its predecessors in force on ``day``."""
    references = load_references()
    generation, known = [ref_id], {ref_id}
    while generation:
        found = sorted(r for r in generation if references[r].is_in_force(day))
        if found:
            return found
        before = {r.ref_id for r in references.values() if r.successor_ref in generation} - known
        generation, known = sorted(before), known | before
    return []


def references_for(refs: tuple[str, ...], act_day: date, as_of: date) -> tuple[str, ...]:
    """References in force on the last day of the act, then those in force on ``as_of``.

    Parameters
    ----------
    refs
        Ids in the newest numbering, items in brackets allowed (``CODE-1175(5)``).
    act_day, as_of
        Shanghai days.

    Returns
    -------
    tuple of str
        Ids without repeats, brackets left out; ``legal_gap`` once, at the end, when the table
        has no row for a reference that was in force on the day of the act.

    Raises
    ------
    KeyError
        When a reference is not in the table at all.
    """
    found: list[str] = []
    has_gap = False
    for ref in refs:
        bare = ref.partition("(")[0]
        on_act = _in_force(bare, act_day)
        has_gap = has_gap or not on_act
        found += on_act + _in_force(bare, as_of)
    return (*dict.fromkeys(found), *((LEGAL_GAP,) if has_gap else ()))
