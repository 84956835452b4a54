"""A caller of the API: its headers, a firm to ask about, and what the audit wrote down."""

from typing import Any
from urllib.parse import quote

from api.services import Services

API = "/api/v1"


def headers(token: str, purpose: str = "核查线索", case_no: str = "") -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "X-Purpose": quote(purpose),
        "X-Case-No": quote(case_no),
    }


def an_organization(services: Services, order: str = "record_count DESC") -> tuple[str, str]:
    with services.sql() as sql:
        rows = sql.execute(f"SELECT entity_id, name FROM organization ORDER BY {order}, 1 LIMIT 1")
        return rows.fetchall()[0]


def audit_lines(services: Services, action: str) -> list[Any]:
    with services.audit() as audit:
        assert audit.check() is None
        return [line for line in audit.lines(limit=50) if line.action == action]
