"""数据接入: whether the files arrived whole, and what happened to each row."""

from itertools import groupby
from typing import Annotated

from fastapi import Path, Query, Request, Response

from api.console.frame import page_router, render
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.intake import list_files, read_intake, read_quarantine
from records.contract import load_contract
from viz.words import dataset_text

router = page_router()
Name = Annotated[str, Path(max_length=60)]


@router.get("/intake")
def page(request: Request, services: ServicesOf, caller: PageCaller) -> Response:
    """Datasets by agency, what was refused, and what never arrived."""
    status = read_intake(services, caller)
    ordered = sorted(status.datasets, key=lambda d: d.agency)
    return render(
        request,
        caller,
        "intake.html",
        title="数据接入",
        active="intake",
        intake=status,
        agencies=[(name, list(own)) for name, own in groupby(ordered, key=lambda d: d.agency_zh)],
        read=sum(d.read for d in status.datasets),
        accepted=sum(d.accepted for d in status.datasets),
        quarantined=sum(d.quarantined for d in status.datasets),
    )


@router.get("/intake/{dataset}")
def files(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    dataset: Name,
    after: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """The files of one dataset, newest first."""
    items, following = list_files(services, caller, dataset, after)
    return render(
        request,
        caller,
        "intake_files.html",
        title=f"{dataset_text(dataset)}：文件",
        active="intake",
        dataset=dataset,
        items=items,
        following=following,
    )


@router.get("/intake/{dataset}/{batch}")
def quarantine(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    dataset: Name,
    batch: Annotated[str, Path(max_length=64)],
    after: Annotated[int, Query(ge=0, le=10**12)] = 0,
) -> Response:
    """Rows of one file that were set aside, beside the form that was expected."""
    found = read_quarantine(services, caller, dataset, batch, after)
    columns = {c.name: c for c in found.expected}
    known = dataset in load_contract().datasets
    return render(
        request,
        caller,
        "quarantine.html",
        title=f"{dataset_text(dataset)}：隔离行",
        active="intake",
        dataset=dataset,
        found=found,
        columns=columns,
        is_known=known,
    )
