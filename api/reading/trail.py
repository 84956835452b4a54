"""The audit trail, for those whose work it is to read it."""

from dataclasses import dataclass, replace

from api.action_words import actions_named
from api.audit import AuditLine
from api.errors import Forbidden
from api.identity.caller import Caller
from api.reading.objects import shanghai
from api.services import Services

MOST = 500


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Lines newest first; ``broken_at`` is the first line that does not fit the chain."""

    items: tuple[AuditLine, ...]
    next: int | None
    broken_at: int | None


def read_trail(
    services: Services, caller: Caller, text: str = "", before: int | None = None, limit: int = 100
) -> TrailPage:
    """The trail, and whether its chain is whole; ``text`` may be words of an action.

    Raises
    ------
    Forbidden
        For every role but the auditor's.
    """
    if not caller.role.may_audit:
        raise Forbidden(f"角色“{caller.role.title_zh}”不能查看审计记录")
    services.record(caller, "audit.read", text or "*")
    limit = max(1, min(limit, MOST))
    with services.audit() as audit:
        lines = audit.lines(text=text, actions=actions_named(text), before=before, limit=limit + 1)
        broken_at = audit.check()
    kept = tuple(replace(line, at=shanghai(line.at)) for line in lines[:limit])
    return TrailPage(kept, kept[-1].position if len(lines) > limit else None, broken_at)
