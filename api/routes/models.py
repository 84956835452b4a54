"""The models: what each needs and how it does."""

from fastapi import APIRouter

from api.identity.sessions import CallerOf, ServicesOf
from api.reading.models import list_models
from api.shapes.model import ModelsShape
from api.shapes.problem import READ

router = APIRouter(prefix="/api/v1", tags=["模型 models"])


@router.get("/models", response_model=ModelsShape, summary="模型列表 models", responses=READ)
def page(services: ServicesOf, caller: CallerOf) -> ModelsShape:
    """All models with inputs and their freshness, parameters, law and findings by grade."""
    return ModelsShape.model_validate({"items": list_models(services, caller)})
