"""查询: the catalogue by subject, a form for each query, the answer as a table."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated

from fastapi import Path, Query, Request, Response

from api.console.frame import page_router, render
from api.console.lead import entity_href
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.questions import Answer, ask, list_queries
from graph.types import Json
from queries.catalogue import Parameter, find_query
from queries.errors import ParameterError

router = page_router()
ROWS = 200


@router.get("/queries")
def page(request: Request, caller: PageCaller) -> Response:
    """All queries by subject."""
    ordered = sorted(list_queries(caller), key=lambda q: (q.group, q.name))
    return render(
        request,
        caller,
        "queries.html",
        title="查询",
        active="queries",
        groups=[(group, list(own)) for group, own in groupby(ordered, key=lambda q: q.group)],
    )


def _given(parameters: tuple[Parameter, ...], form: Mapping[str, str]) -> dict[str, Json]:
    """Values of the form, as the catalogue wants them; empty fields are left out."""
    given: dict[str, Json] = {}
    for parameter in parameters:
        text = form.get(parameter.name, "").strip()
        if text:
            is_list = parameter.type == "strings"
            given[parameter.name] = (
                [part for part in text.replace("，", ",").split(",") if part.strip()]
                if is_list
                else text
            )
    return given


@router.get("/queries/{name}")
def one(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    name: Annotated[str, Path(max_length=60)],
    run: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """The form of one query, and its answer when it was sent."""
    query = find_query(name)
    caller.require(query.level, f"查询“{query.title_zh}”")
    form = {p.name: request.query_params.get(p.name, "")[:2000] for p in query.parameters}
    answer: Answer | None = None
    trouble = ""
    if run:
        try:
            answer = ask(services, caller, name, _given(query.parameters, form), ROWS)
        except ParameterError as error:
            trouble = str(error)
    return render(
        request,
        caller,
        "query.html",
        title=query.title_zh,
        active="queries",
        query=query,
        form=form,
        answer=answer,
        trouble=trouble,
        most=ROWS,
        entity_href=entity_href,
    )
