"""A small resolved lake on disk: the firms of a case among firms of no interest.

Strategy: rows are delivered through a real ledger and resolved as in a run, so that what is read
back is what a service would read. Rows of ``enterprise`` keep the order in which they are given.
"""

from pathlib import Path
from typing import Any

from ingest.resolve.run import resolve
from records.views import open_views
from records.workspace import Workspace
from tests.integration.lake_files import Rows, add_batches
from tests.unit.ingest.resolve.conftest import code_of
from tests.unit.ingest.resolve.test_firms import CROWD

SUZHOU, NANTONG = "320505", "320602"
PHONE, OTHER_PHONE = "13811112222", "13899998888"
FIRM = {
    "name": "苏州宏润环保科技有限公司",
    "uscc": code_of(1),
    "division_code": SUZHOU,
    "env_phone": PHONE,
    "site_address": "苏州市吴中区振兴路88号",
    "legal_rep": "欧阳立群",
}
SAME_FIRM = {
    "name": "蘇州宏潤環保科技有限公司",
    "division_code": SUZHOU,
    "env_phone": PHONE,
    "legal_rep": "欧阳立群",
}
SISTER = {
    "name": "苏州宏闰环保科技有限公司",
    "division_code": SUZHOU,
    "env_phone": OTHER_PHONE,
    "site_address": "苏州市相城区一号路1号",
}
BRANCH = {
    "name": "苏州宏润环保科技有限公司昆山分公司",
    "division_code": SUZHOU,
    "env_phone": PHONE,
}
RENAMED = {
    "name": "南通金桥运输有限公司",
    "uscc": code_of(2),
    "division_code": NANTONG,
}
CASE: list[dict[str, Any]] = [FIRM, SAME_FIRM, SISTER, BRANCH, RENAMED]
# Firms with codes, and rows of which it is open whose they are.
DOUBTED: list[dict[str, Any]] = [
    *(
        {"name": f"苏州{word}环保科技有限公司", "uscc": code_of(20 + n), "division_code": SUZHOU}
        for n, word in enumerate(("宏润", "天成", "金桥"))
    ),
    {"name": "苏州宏瑞环保科技有限公司", "env_phone": PHONE, "division_code": SUZHOU},
    {"name": "苏州宏润环保", "env_phone": PHONE},
    {"name": "苏州宏锐环保科技有限公司", "env_phone": PHONE, "division_code": SUZHOU},
]
BATCH_ROWS: Rows = {
    "enterprise": [*CASE, *CROWD],
    "company": [
        {
            "uscc": code_of(2),
            "name": "南通金桥运输有限公司",
            "division_code": NANTONG,
            "former_names": "南通启明货运有限公司",
        }
    ],
}


def resolve_again(workspace: Workspace) -> None:
    """Resolve the lake as it is."""
    views = open_views(workspace)
    try:
        resolve(workspace, views)
    finally:
        views.close()


def resolved_lake(root: Path, rows: Rows | None = None) -> Workspace:
    """A workspace under ``root`` with these rows, resolved once."""
    workspace = Workspace(root)
    add_batches(workspace, BATCH_ROWS if rows is None else rows)
    resolve_again(workspace)
    return workspace


def case_rows(workspace: Workspace) -> list[tuple[str, str]]:
    """Reference and entity of each row of ``enterprise``, in the order given."""
    views = open_views(workspace)
    try:
        return (
            views.cursor()
            .execute(
                "SELECT 'enterprise:' || batch || ':' || row || ':' || part, entity_id FROM member"
                " WHERE dataset = 'enterprise' AND kind = 'organization' ORDER BY row"
            )
            .fetchall()
        )
    finally:
        views.close()
