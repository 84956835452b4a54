"""Who asks, in which role, for which purpose: what that lets the caller see."""

from dataclasses import dataclass

from api.errors import Forbidden
from api.identity.roles import ROLES, Role

# Phone numbers are L4 values on objects that may be shown: only the number is masked.
MASKED_LABELS = frozenset({"Phone"})
# Relationships that exist within a case only (RULINGS 21).
CASE_RELATIONSHIPS = ("CONTACTED", "INVOLVED_IN", "OWNS_ACCOUNT", "PAID")
CASE_LABELS = ("Account", "PoliceCase")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks; purpose and case number are what was said with the request."""

    user: str
    role: Role
    purpose: str = ""
    case_no: str = ""

    @property
    def level(self) -> str:
        """Highest level of objects that this caller sees now, ``L1`` to ``L4``."""
        if not self.purpose:
            return self.role.plain_level
        return "L4" if self.has_active_case else self.role.purpose_level

    @property
    def has_active_case(self) -> bool:
        """Whether objects of police cases are open to the caller."""
        return self.role.may_unmask == "all" and bool(self.purpose and self.case_no)

    def reads(self, level: str) -> bool:
        """Whether values of ``level`` are read; L4 ones are masked all the same."""
        return level <= self.level

    def sees(self, label: str, level: str | None) -> bool:
        """Whether a node with this label and level is there for the caller."""
        if label in MASKED_LABELS:
            return self.level >= "L3"
        return level is not None and level <= self.level

    @property
    def hidden_relationships(self) -> tuple[str, ...]:
        """Relationship types that are not there for the caller."""
        return () if self.has_active_case else CASE_RELATIONSHIPS

    def require(self, level: str, what: str) -> None:
        """Refuse unless the caller reads ``level``; the message says what is missing.

        Raises
        ------
        Forbidden
        """
        if self.reads(level):
            return
        if self.role.purpose_level >= level and not self.purpose:
            raise Forbidden(f"{what}属于 {level} 级，需要先说明查询目的")
        raise Forbidden(f"{what}属于 {level} 级，角色“{self.role.title_zh}”不能读取")

    def require_findings(self) -> None:
        """Refuse unless the caller may read findings and leads, at least some of them.

        Raises
        ------
        Forbidden
        """
        if self.role.lead_scope == "none":
            raise Forbidden(f"发现与线索属于 L3 级，角色“{self.role.title_zh}”不能读取")
        if not self.purpose:
            raise Forbidden("发现与线索属于 L3 级，需要先说明查询目的")

    def require_judge(self) -> None:
        """Refuse unless the caller's role says which records are the same.

        Raises
        ------
        Forbidden
        """
        if not self.role.may_judge:
            allowed = "、".join(role.title_zh for role in ROLES.values() if role.may_judge)
            raise Forbidden(f"角色“{self.role.title_zh}”不能作归并判定；可由{allowed}判定")
