"""Which mentions are one person: ID number, then name with phone, certificate or employer."""

import random

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


def masked(number=ONE):
    return number[:4] + "*" * 10 + number[-4:]


def registered(name="李明", **more):
    return {"name": name, "address": HOME, **more}


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
    "name and address": {"person": [registered(person_id=ONE), registered(phone="13811112222")]},
    "a phone with and without its country code": {
        "driver_permit": [permit(phone="13811112222")],
        "manifest": [driver(driver_phone="+86 138 1111 2222")],
    },
    "a fixed line with its area code in three forms": {
        "driver_permit": [permit(phone="0512-66668888")],
        "manifest": [driver(driver_phone="+86 512 6666 8888")],
    },
    "a masked ID number with name and employer": {
        "driver_permit": [permit(employer_uscc=FIRM)],
        "manifest": [driver(driver_id=masked(), carrier_uscc=FIRM)],
    },
    "one certificate, a wrong character, one employer": {
        "service_staff": [staff("李明", cert_no="C1"), staff("李民", cert_no="C1")],
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
    "father and son at one address with one phone": {
        "person": [registered("王建国", phone="0512-66668888"),
                   registered("王建军", phone="0512-66668888")],
    },
    "a masked ID number that does not fit": {
        "driver_permit": [permit(phone="13811112222")],
        "manifest": [driver(driver_id="3305**********1234", driver_phone="13811112222")],
    },
    "a masked ID number and a name": {
        "driver_permit": [permit(employer_uscc=FIRM)],
        "manifest": [driver(driver_id=masked(), carrier_uscc=OTHER_FIRM)],
    },
    "one certificate, a wrong character, nothing else": {
        "waybill": [{"driver_name": "李明", "driver_permit_no": "P"},
                    {"driver_name": "李民", "driver_permit_no": "P"}],
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


def test_a_bookkeepers_phone_joins_nobody(tmp_path):
    many = [
        permit(f"张{chr(0x4E00 + n)}", id_number_of(100 + n), phone="0512-66668888")
        for n in range(20)
    ]
    rows = {
        "driver_permit": [permit(phone="0512-66668888"), *many],
        "manifest": [driver(driver_phone="0512-66668888", carrier_uscc=FIRM)],
    }
    found = entities_of(rows, "person", tmp_path)
    assert len(set(found.values())) == 22
    few = entities_of(rows | {"driver_permit": rows["driver_permit"][:20]}, "person", tmp_path)
    assert few["manifest", 1, "driver", 0] == few["driver_permit", 1, "driver", 0]


def test_a_certificate_and_name_reach_what_a_bare_name_does_not(tmp_path):
    rows = {
        "driver_permit": [permit(employer_uscc=FIRM)],
        "waybill": [
            {"driver_name": "李明", "carrier_uscc": FIRM},
            {"driver_name": "李明", "carrier_uscc": FIRM, "driver_permit_no": "P"},
        ],
    }
    found = entities_of(rows, "person", tmp_path)
    assert found["waybill", 2, "driver", 0] == found["driver_permit", 1, "driver", 0]
    assert found["waybill", 1, "driver", 0] != found["driver_permit", 1, "driver", 0]


def many_rows(seed):
    """People of a few names who share phones, certificates and employers, each row marked."""
    draw = random.Random(seed)
    names = ("李明", "李民", "王强", "张伟")
    return [
        permit(
            draw.choice(names),
            draw.choice((None, None, masked(), *(id_number_of(n) for n in range(1, 7)))),
            phone=draw.choice((None, *(f"1381111{n:04d}" for n in range(6)))),
            employer_uscc=draw.choice((None, FIRM, OTHER_FIRM)),
            permit_no=f"P{draw.randrange(8)}",
            source_record_id=str(n),
        )
        for n in range(120)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_decides_nothing(seed, tmp_path):
    rows = many_rows(seed)
    mixed = random.Random(seed).sample(rows, len(rows))

    def groups(given):
        found = entities_of({"driver_permit": given}, "person", tmp_path)
        together = {}
        for (_, row, _, _), entity in found.items():
            together.setdefault(entity, set()).add(given[row - 1]["source_record_id"])
        return {frozenset(group) for group in together.values()}

    assert groups(rows) == groups(mixed)
