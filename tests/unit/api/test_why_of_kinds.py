"""Persons, vehicles, phones, addresses, sites explained to callers, without what is not theirs."""

import json
from dataclasses import asdict
from functools import partial
from itertools import combinations

import pytest

from api.errors import DoorError
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.reading.entity import read_entity
from api.reading.resolution import read_why
from api.reading.sides import SideAsked
from api.services import Services
from api.settings import load_settings
from queries.errors import ParameterError
from tests.unit.ingest.resolve.stored_lake import resolved_lake
from tests.unit.ingest.resolve.test_explain_kinds import MOBILE, ONE, OTHER, ROWS, TWO
from viz.resolution_words import REASON_ZH, attribute_zh, level_zh

SECRETS = (ONE, TWO, MOBILE, OTHER)


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    lake = resolved_lake(tmp_path_factory.mktemp("why"), ROWS)
    opened = Services.open(load_settings(lake.root))
    yield opened
    opened.close()


def members(services, kind):
    with services.sql() as sql:
        lines = sql.execute(
            "SELECT dataset || ':' || batch || ':' || row || ':' || part || ':' || role, entity_id"
            " FROM member WHERE kind = ? ORDER BY ALL",
            [kind],
        ).fetchall()
    return lines


def told(services, role, a, b):
    return read_why(services, Caller("u", ROLES[role], "u"), SideAsked.parse(a), SideAsked.parse(b))


@pytest.mark.parametrize("kind", ["person", "vehicle", "phone", "address", "site"])
def test_two_of_a_kind_are_explained_in_chinese(services, kind):
    ids = sorted({entity for _, entity in members(services, kind)})
    assert len(ids) > 1
    for other in ids[1:]:
        found = told(services, "analyst", ids[0], other)
        assert not found.is_same
        assert REASON_ZH[found.reason] != found.reason
        for step in found.steps:
            for part in step.parts:
                assert attribute_zh(part.attribute) != part.attribute
                assert level_zh(part.attribute, part.level) != part.level


def test_rows_of_one_person_are_joined(services):
    rows = {text.split(":")[0]: text for text, _ in reversed(members(services, "person"))}
    found = told(services, "analyst", rows["driver_permit"], rows["manifest"])
    assert (found.is_same, found.reason) == (True, "joined")
    assert found.steps


def test_two_kinds_are_refused(services):
    person, vehicle = (members(services, kind)[0][1] for kind in ("person", "vehicle"))
    with pytest.raises(ParameterError, match="类别不同"):
        told(services, "analyst", person, vehicle)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_number_leaks(services, role):
    caller, seen, answers = Caller("u", ROLES[role], "u"), [], 0
    for kind in ("person", "phone"):
        lines = members(services, kind)
        ids = sorted({entity for _, entity in lines})
        reads = [partial(read_entity, services, caller, entity) for entity in ids]
        reads += [
            partial(told, services, role, one, other)
            for one, other in combinations([*ids, *(text for text, _ in lines)], 2)
        ]
        for read in reads:
            try:
                seen.append(json.dumps(asdict(read()), ensure_ascii=False, default=str))
                answers += 1
            except (DoorError, ParameterError) as error:
                seen.append(str(error))
    assert answers or role != "analyst"
    text = "\n".join(seen)
    assert [secret for secret in SECRETS if secret in text] == []
