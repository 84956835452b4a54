"""模型: can I trust this model? What it looks for, its inputs and how fresh they are."""

from fastapi import Request, Response

from api.console.frame import page_router, render
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.models import list_models
from viz.model_words import MODEL_WORDS
from viz.words import DIRECTION_ZH, MODEL_STATE_ZH, NOTICE_ZH

router = page_router()


@router.get("/models")
def page(request: Request, services: ServicesOf, caller: PageCaller) -> Response:
    """All models of this program."""
    return render(
        request,
        caller,
        "models.html",
        title="模型",
        active="models",
        models=list_models(services, caller),
        words=MODEL_WORDS,
        directions=DIRECTION_ZH,
        states=MODEL_STATE_ZH,
        notices=NOTICE_ZH,
    )
