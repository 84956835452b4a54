"""Roles and what each may read and do (RULINGS 23)."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["L1", "L2", "L3", "L4"]
LeadScope = Literal["all", "own", "transfer", "none"]
LEVELS: tuple[Level, ...] = ("L1", "L2", "L3", "L4")


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    ``plain_level`` is read without a word, ``purpose_level`` with a purpose; ``lead_scope`` says
    which findings and leads (L3 as a whole) are read with a purpose. ``may_unmask`` shows L4
    values with purpose and case number: of ``all`` origins, or on ``own`` leads what is not of
    police origin. ``may_judge``: says which records are the same, for everybody; those who work
    with the data do, those who check, decide or administer do not.
    """

    name: str
    title_zh: str
    plain_level: Level = "L2"
    purpose_level: Level = "L2"
    lead_scope: LeadScope = "none"
    may_unmask: Literal["", "own", "all"] = ""
    may_query: bool = False
    may_run: bool = False
    may_audit: bool = False
    may_judge: bool = False


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "analyst",
            "数据研判员",
            purpose_level="L3",
            lead_scope="all",
            may_query=True,
            may_judge=True,
        ),
        Role(
            "data_head",
            "数据室负责人",
            purpose_level="L3",
            lead_scope="all",
            may_query=True,
            may_run=True,
            may_judge=True,
        ),
        Role("dispatcher", "指挥调度员"),
        Role("officer", "执法人员", lead_scope="own", may_unmask="own", may_judge=True),
        Role("legal", "法制审核", purpose_level="L3", lead_scope="all", may_unmask="own"),
        Role("leader", "分管领导", purpose_level="L3", lead_scope="all"),
        Role(
            "police_liaison",
            "驻勤民警",
            purpose_level="L3",
            lead_scope="all",
            may_unmask="all",
            may_query=True,
            may_judge=True,
        ),
        Role("procurator", "检察联络员", lead_scope="transfer"),
        Role("intake_clerk", "接入管理员", may_run=True),
        Role("sysadmin", "系统管理员", plain_level="L1", purpose_level="L1"),
        Role("secadmin", "安全管理员", plain_level="L1", purpose_level="L1"),
        Role("auditor", "审计管理员", plain_level="L1", purpose_level="L1", may_audit=True),
    )
}
DEMO_USERS: tuple[tuple[str, str], ...] = (
    *((name, name) for name in ROLES if name != "officer"),
    ("officer1", "officer"),
    ("officer2", "officer"),
)
# Who may take the part of an actor of the state machine (records/data/state_machine.json).
ROLES_BY_ACTOR: dict[str, tuple[str, ...]] = {
    "analyst": ("analyst",),
    "both": ("officer", "police_liaison"),
    "case_officer": ("officer",),
    "data_head": ("data_head",),
    "ecology": ("officer", "legal"),
    "head": ("leader",),
    "joint_centre": ("dispatcher",),
    "leader": ("leader",),
    "legal": ("legal",),
    "officers": ("officer",),
    "police": ("police_liaison",),
    "police_liaison": ("police_liaison",),
    "procuratorate": ("procurator",),
    "system": (),
}
