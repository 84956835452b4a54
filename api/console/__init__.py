"""The console: one file per page, rendered on the server; pages can be read without scripts."""

from fastapi import FastAPI

from api.console.audit import router as audit
from api.console.board import router as board
from api.console.entity import router as entity
from api.console.explorer import router as explorer
from api.console.intake import router as intake
from api.console.lead import router as lead
from api.console.leads import router as leads
from api.console.lost import router as lost
from api.console.models import router as models
from api.console.queries import router as queries
from api.console.review import router as review
from api.console.search import router as search
from api.console.session import router as session

# The last takes every address that is left.
PAGES = (
    board, leads, lead, entity, search, explorer, queries, models, review, intake, audit, session,
    lost,
)  # fmt: skip


def register(app: FastAPI) -> None:
    """Add all pages to the application."""
    for page in PAGES:
        app.include_router(page, include_in_schema=False)
