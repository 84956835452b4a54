"""Single figures of a draft, for tests of models."""

from analytics.model import Draft


def value(draft: Draft, name: str) -> float:
    return next(s.value for s in draft.statistics if s.name == name)


def result(draft: Draft, code: str) -> str:
    return next(c.result for c in draft.innocent if c.code == code)
