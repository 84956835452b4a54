"""Roles and what each may read (RULINGS 23)."""

from dataclasses import dataclass

LEVELS = ("L1", "L2", "L3", "L4")


@dataclass(frozen=True, slots=True)
class Role:
    """A role: the levels it reads at once, with a purpose, and unmasked with purpose and case."""

    name: str
    title_zh: str
    plain: frozenset[str]
    with_purpose: frozenset[str]
    may_unmask: bool
    may_query: bool
    may_run: bool


def _role(
    name: str,
    title_zh: str,
    *,
    internal: bool = True,
    purpose: bool = False,
    unmask: bool = False,
    query: bool = False,
    run: bool = False,
) -> Role:
    plain = frozenset({"L1", "L2"}) if internal else frozenset({"L1"})
    return Role(
        name, title_zh, plain, frozenset({"L3"}) if purpose else frozenset(), unmask, query, run
    )


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        _role("analyst", "数据研判员", purpose=True, query=True),
        _role("data_head", "数据室负责人", purpose=True, query=True, run=True),
        _role("dispatcher", "指挥调度员"),
        _role("officer", "执法人员", purpose=True, unmask=True),
        _role("legal", "法制审核", purpose=True, unmask=True),
        _role("leader", "分管领导", purpose=True),
        _role("police_liaison", "驻勤民警", purpose=True, unmask=True, query=True),
        _role("procurator", "检察联络员", purpose=True),
        _role("intake_clerk", "接入管理员", run=True),
        _role("sysadmin", "系统管理员", internal=False),
        _role("secadmin", "安全管理员", internal=False),
        _role("auditor", "审计管理员", internal=False),
    )
}
DEMO_USERS: tuple[tuple[str, str], ...] = (
    *((name, name) for name in ROLES if name != "officer"),
    ("officer1", "officer"),
    ("officer2", "officer"),
)


def may_read(role: Role, level: str, *, has_purpose: bool) -> bool:
    """Whether the role reads values of ``level`` unmasked; L4 never by level alone."""
    return level in role.plain or (has_purpose and level in role.with_purpose)
