"""TP-01: who and what is the same person, instrument or report; nothing is by a mere word."""

from tests.unit.analytics.sampling_lake import Lake


def test_a_word_in_the_place_of_a_certificate_is_nobody() -> None:
    lake = Lake().job("a", 0, 2, ("甲", "乙"), ("无", "无"))
    lake.job("b", 0.5, 2, ("丙", "丁"), ("无", "无"), body="u")
    assert lake.drafts() == []


def test_one_serial_number_on_two_models_is_two_instruments() -> None:
    def lake(model: str) -> Lake:
        made = Lake()
        for body, name in (("t", "3012H"), ("u", model)):
            made.add("lab_instrument", body_uscc=f"USCC-{body}", instrument_no="1", name="烟气仪",
                     serial_no="SN2021001", model=name, portable=True)  # fmt: skip
        for hour in range(0, 240, 24):
            made.job("a", hour, 2, ("甲",), sampler_instrument_no="1")
            made.job("b", hour + 0.5, 2, ("丙",), body="u", sampler_instrument_no="1")
        return made

    assert lake("GH-60E").drafts() == []
    assert lake("崂应3012H").drafts() != []


def test_a_sample_of_a_report_number_that_two_bodies_use_is_no_ones() -> None:
    """Without its body a sample stands at neither of the two places, and never at both."""
    lake = Lake()
    for number in range(4):
        lake.job("a", 24 * number, 2).job("b", 24 * number, 2, body="u")
    for row in lake.tables["test_report"]:
        row["report_no"] = "2026-001"
    lake.tables["test_sample"] = [
        row | {"report_no": "2026-001", "body_uscc": None, "tester_entity": None,
               "sampler_cert_nos": "C00001"}
        for row in lake.tables["test_sample"]
    ]  # fmt: skip
    assert lake.drafts() == []
