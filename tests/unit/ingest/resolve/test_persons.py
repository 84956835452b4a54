"""Which mentions are one person: ID number, then name with phone, certificate or employer."""

import pytest

from records.registry import Judgement
from tests.unit.ingest.resolve.conftest import code_of, entities_of, id_number_of

ONE, TWO = id_number_of(1), id_number_of(2)
FIRM, OTHER_FIRM = code_of(1), code_of(2)


def driver(name="李明", **more):
    return {"manifest_no": "1", "driver_name": name, **more}


def permit(name="李明", person_id=ONE, **more):
    return {"permit_no": "P", "name": name, "person_id": person_id, **more}


def staff(name="李明", **more):
    return {"body_uscc": FIRM, "person_name": name, **more}


HOME = "苏州市人民路1号"
TOGETHER = {
    "one ID number, two spellings": {"driver_permit": [permit(), permit("李 明")]},
    "one ID number, another name": {"driver_permit": [permit(), permit("李民")]},
    "lower case check digit": {
        "driver_permit": [permit(person_id=id_number_of(3).replace("X", "x")),
                          permit(person_id=id_number_of(3))],
    },
    "name and phone": {
        "driver_permit": [permit(phone="13811112222")],
        "manifest": [driver(driver_phone="138-1111-2222")],
    },
    "name and certificate": {
        "service_staff": [staff(cert_no="C1", person_id=ONE), staff(cert_no="C1")],
    },
    "name and employer, nothing else": {
        "waybill": [{"driver_name": "李明", "carrier_uscc": FIRM}] * 2,
    },
    "legal representative and seller by ID number": {
        "company": [{"uscc": FIRM, "name": "甲公司", "legal_rep": "李明", "legal_rep_id": ONE}],
        "invoice": [{"seller_uscc": ONE, "seller_name": "李明", "buyer_uscc": FIRM}],
    },
}  # fmt: skip
APART = {
    "two ID numbers under one name and phone": {
        "driver_permit": [permit(phone="13811112222"), permit(person_id=TWO, phone="13811112222")],
    },
    "one phone, two names": {
        "manifest": [driver(driver_phone="13811112222"),
                     driver("王强", driver_phone="13811112222")],
    },
    "one name, two employers": {
        "waybill": [{"driver_name": "李明", "carrier_uscc": FIRM},
                    {"driver_name": "李明", "carrier_uscc": OTHER_FIRM}],
    },
    "a bare name at the employer of an ID number": {
        "driver_permit": [permit(employer_uscc=FIRM)],
        "waybill": [{"driver_name": "李明", "carrier_uscc": FIRM}],
    },
    "one certificate, two names": {
        "service_staff": [staff(cert_no="C1"), staff("王强", cert_no="C1")],
    },
    "an invalid ID number joins nothing": {
        "driver_permit": [permit(person_id="320500199001010011"),
                          permit("王强", person_id="320500199001010011")],
    },
}  # fmt: skip


@pytest.mark.parametrize("case", TOGETHER)
def test_one_person(case, tmp_path):
    found = entities_of(TOGETHER[case], "person", tmp_path)
    assert len(found) == 2
    assert len(set(found.values())) == 1, found


@pytest.mark.parametrize("case", APART)
def test_two_persons(case, tmp_path):
    found = entities_of(APART[case], "person", tmp_path)
    assert len(set(found.values())) == len(found)


def test_a_bare_name_is_nobody(tmp_path):
    assert entities_of({"manifest": [driver()]}, "person", tmp_path) == {}


def test_a_phone_shared_by_two_numbers_reaches_neither(tmp_path):
    rows = {
        "driver_permit": [permit(phone="13811112222"), permit(person_id=TWO, phone="13811112222")],
        "manifest": [driver(driver_phone="13811112222")],
    }
    assert len(set(entities_of(rows, "person", tmp_path).values())) == 3


def test_a_cell_of_several_samplers_names_each(tmp_path):
    sample = {"report_no": "R", "body_uscc": FIRM, "samplers": "赵一、钱二", "sampler_cert_nos": ""}
    rows = {
        "test_sample": [
            sample | {"sampler_cert_nos": "C1、C2"},
            sample | {"samplers": "钱二,赵一"},
        ],
        "service_staff": [staff("赵一", cert_no="C1", person_id=ONE)],
    }
    found = entities_of(rows, "person", tmp_path)
    assert found["test_sample", 1, "sampler", 1] == found["service_staff", 1, "staff", 0]
    assert found["test_sample", 1, "sampler", 2] != found["test_sample", 1, "sampler", 1]
    assert len([key for key in found if key[0] == "test_sample"]) == 4


def judged(a, b, verdict):
    rows = [f"{dataset}:{'b' * 64}:{row}:1" for dataset, row in (a, b)]
    return Judgement(rows[0], "driver", rows[1], "driver", verdict, "甲", "2026-01-01", "")


@pytest.mark.parametrize(
    ("case", "rows", "verdict"),
    [
        (APART["one name, two employers"], (("waybill", 1), ("waybill", 2)), "same"),
        (TOGETHER["name and phone"], (("driver_permit", 1), ("manifest", 1)), "different"),
    ],
)
def test_judgements_bind(case, rows, verdict, tmp_path):
    found = entities_of(case, "person", tmp_path, [judged(*rows, verdict)])
    assert len(set(found.values())) == (1 if verdict == "same" else 2)


def test_a_judgement_does_not_bring_two_id_numbers_together(tmp_path):
    two = APART["two ID numbers under one name and phone"]
    same = judged(("driver_permit", 1), ("driver_permit", 2), "same")
    assert len(set(entities_of(two, "person", tmp_path, [same]).values())) == 2
