"""What is published fits what is read: a field that either side gains or loses shows here."""

from dataclasses import fields

import pytest
from pydantic import BaseModel

from api.reading import (
    entity,
    judgements,
    leads,
    match,
    models,
    neighbours,
    paths,
    resolution,
    review,
    search,
)
from api.shapes import entity as entity_shape
from api.shapes import finding as finding_shape
from api.shapes import graph as graph_shape
from api.shapes import judgement as judgement_shape
from api.shapes import lead as lead_shape
from api.shapes import match as match_shape
from api.shapes import model as model_shape
from api.shapes import question as question_shape
from api.shapes import resolution as resolution_shape
from casework.lead import Lead, LeadEvent
from graph.types import Edge, Node, Subgraph
from ingest.resolve import match_pairs, waterfall
from queries import catalogue

# Shape, what it is read from, what of that stays inside, properties that are published as well.
PAIRS: tuple[tuple[type[BaseModel], type, set[str], set[str]], ...] = (
    (entity_shape.FoundShape, search.Found, set(), set()),
    (entity_shape.SearchShape, search.SearchAnswer, set(), set()),
    (entity_shape.StatementShape, entity.Statement, set(), set()),
    (entity_shape.SourceShape, entity.SourceCount, set(), set()),
    (entity_shape.EntityShape, entity.EntityProfile, set(), set()),
    (finding_shape.FindingHeadShape, entity.FindingHead, set(), set()),
    (graph_shape.NodeShape, Node, set(), set()),
    (graph_shape.EdgeShape, Edge, set(), set()),
    (graph_shape.SubgraphShape, Subgraph, set(), set()),
    (graph_shape.TieCountShape, neighbours.TieCount, set(), set()),
    (graph_shape.TieShape, neighbours.Tie, set(), set()),
    (graph_shape.NeighbourhoodShape, neighbours.Neighbourhood, set(), set()),
    (graph_shape.WayShape, paths.Way, set(), set()),
    (graph_shape.WaysShape, paths.Ways, set(), set()),
    (resolution_shape.PartShape, waterfall.Part, set(), set()),
    (resolution_shape.StepShape, waterfall.Step, set(), set()),
    (resolution_shape.JoinedRecordShape, resolution.JoinedRecord, set(), set()),
    (resolution_shape.EntityResolutionShape, resolution.EntityResolution, set(), set()),
    (judgement_shape.JudgedSideShape, judgements.JudgedSide, set(), set()),
    (judgement_shape.JudgementShape, judgements.RecordedView, set(), set()),
    (judgement_shape.JudgementsShape, judgements.JudgementPage, set(), set()),
    (judgement_shape.ReviewSideShape, review.ReviewSide, set(), set()),
    (judgement_shape.ReviewItemShape, review.ReviewItem, set(), set()),
    (judgement_shape.ReviewShape, review.ReviewPage, set(), set()),
    (match_shape.MatchRowRequest, match_pairs.MatchQuery, set(), set()),
    (match_shape.CandidateShape, match.CandidateView, set(), set()),
    (match_shape.MatchedRowShape, match.MatchedRow, set(), set()),
    (match_shape.MatchShape, match.MatchAnswer, set(), set()),
    (lead_shape.LeadShape, Lead, set(), set()),
    (lead_shape.LeadsShape, leads.LeadPage, set(), set()),
    (lead_shape.EventShape, LeadEvent, set(), set()),
    (lead_shape.LawShape, leads.LawInForce, set(), set()),
    (lead_shape.LeadFileShape, leads.LeadView, set(), set()),
    (model_shape.ModelInputShape, models.ModelInput, set(), set()),
    (model_shape.ModelParameterShape, models.ModelParameter, set(), set()),
    (model_shape.ModelShape, models.ModelView, set(), {"missing"}),
    (question_shape.ParameterShape, catalogue.Parameter, set(), {"is_required"}),
    (question_shape.ColumnShape, catalogue.QueryColumn, set(), set()),
    (question_shape.QueryShape, catalogue.Query, {"cypher", "timeout_s"}, set()),
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].__name__)
def test_what_is_published_is_what_is_read(
    pair: tuple[type[BaseModel], type, set[str], set[str]],
) -> None:
    shape, source, inside, properties = pair
    held = {field.name for field in fields(source)}
    assert inside <= held
    assert properties <= set(dir(source)) - held
    assert set(shape.model_fields) == (held - inside) | properties
