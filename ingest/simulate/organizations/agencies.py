"""How each of the five agencies writes an organisation down."""

from dataclasses import dataclass

# Styles of addresses, from the longest.
FULL, FROM_CITY, FROM_COUNTY, STREET_ONLY = range(4)


@dataclass(frozen=True, slots=True)
class Habit:
    """Shares of an agency's records; what is left is as registered.

    Attributes
    ----------
    records_weight : float
        How many records it holds, beside the other agencies.
    repeats : bool
        Whether one organisation may stand in it several times.
    uncoded : float
        Share without credit code in an ordinary province.
    short, no_region, wrong_region, former, notation, traditional : float
        Name without legal form; region words left out or wrong; former name of those that have
        one; other brackets, blanks, widths; traditional characters.
    homophone, typo : float
        Slips within the name.
    lookalike_code, mistyped_code : float
        O for 0 or I for 1; one wrong character. Of the records with a code.
    no_division, wrong_division, city_division : float
        Division code empty; of another place; of the city only.
    phone, contact, bookkeeper : float
        Any phone; of these the contact's mobile, or the bookkeeper's where there is one.
    representative, former_representative, mistyped_representative : float
        Any representative; of these the former one where there is one, and with a slip.
    address, outdated : float
        Any address; region and address of before a move where there was one.
    address_styles : tuple of float
        Odds of full, from the city, from the county, street only.
    states_former_name : float
        Share that states the former name beside the present one where there is one.
    wide_brackets : float
        Share in full-width brackets, which is no slip.
    """

    agency: str
    records_weight: float
    repeats: bool
    uncoded: float
    short: float
    no_region: float
    wrong_region: float
    former: float
    notation: float
    traditional: float
    homophone: float
    typo: float
    lookalike_code: float
    mistyped_code: float
    no_division: float
    wrong_division: float
    city_division: float
    phone: float
    contact: float
    bookkeeper: float
    representative: float
    former_representative: float
    mistyped_representative: float
    address: float
    outdated: float
    address_styles: tuple[float, float, float, float]
    states_former_name: float
    wide_brackets: float


HABITS = (
    Habit(
        agency="tax", records_weight=0.20, repeats=False, uncoded=0.0,
        short=0.0, no_region=0.0, wrong_region=0.0, former=0.12, notation=0.02, traditional=0.002,
        homophone=0.002, typo=0.003, lookalike_code=0.002, mistyped_code=0.001,
        no_division=0.02, wrong_division=0.005, city_division=0.05,
        phone=0.0, contact=0.0, bookkeeper=0.0,
        representative=0.95, former_representative=0.1, mistyped_representative=0.003,
        address=0.97, outdated=0.15, address_styles=(0.8, 0.15, 0.05, 0.0),
        states_former_name=0.6, wide_brackets=0.9,
    ),
    Habit(
        agency="transport", records_weight=0.115, repeats=True, uncoded=1.0,
        short=0.34, no_region=0.04, wrong_region=0.01, former=0.25, notation=0.05,
        traditional=0.004, homophone=0.015, typo=0.015, lookalike_code=0.0, mistyped_code=0.0,
        no_division=0.25, wrong_division=0.03, city_division=0.15,
        phone=0.75, contact=0.7, bookkeeper=0.02,
        representative=0.35, former_representative=0.3, mistyped_representative=0.02,
        address=0.35, outdated=0.3, address_styles=(0.02, 0.13, 0.35, 0.5),
        states_former_name=0.0, wide_brackets=0.2,
    ),
    Habit(
        agency="ecology", records_weight=0.21, repeats=False, uncoded=0.30,
        short=0.04, no_region=0.03, wrong_region=0.004, former=0.3, notation=0.07,
        traditional=0.006, homophone=0.008, typo=0.008, lookalike_code=0.012, mistyped_code=0.005,
        no_division=0.04, wrong_division=0.012, city_division=0.05,
        phone=0.85, contact=0.35, bookkeeper=0.25,
        representative=0.75, former_representative=0.25, mistyped_representative=0.008,
        address=0.9, outdated=0.3, address_styles=(0.25, 0.35, 0.35, 0.05),
        states_former_name=0.3, wide_brackets=0.5,
    ),
    Habit(
        agency="manifest", records_weight=0.28, repeats=True, uncoded=0.53,
        short=0.10, no_region=0.06, wrong_region=0.01, former=0.3, notation=0.22,
        traditional=0.012, homophone=0.02, typo=0.025, lookalike_code=0.02, mistyped_code=0.012,
        no_division=0.4, wrong_division=0.02, city_division=0.1,
        phone=0.65, contact=0.6, bookkeeper=0.0,
        representative=0.1, former_representative=0.3, mistyped_representative=0.02,
        address=0.5, outdated=0.35, address_styles=(0.05, 0.15, 0.5, 0.3),
        states_former_name=0.0, wide_brackets=0.35,
    ),
    Habit(
        agency="social_insurance", records_weight=0.16, repeats=False, uncoded=0.40,
        short=0.02, no_region=0.02, wrong_region=0.003, former=0.3, notation=0.05,
        traditional=0.004, homophone=0.006, typo=0.006, lookalike_code=0.006, mistyped_code=0.004,
        no_division=0.08, wrong_division=0.01, city_division=0.2,
        phone=0.6, contact=0.2, bookkeeper=0.8,
        representative=0.55, former_representative=0.3, mistyped_representative=0.005,
        address=0.4, outdated=0.3, address_styles=(0.1, 0.3, 0.5, 0.1),
        states_former_name=0.05, wide_brackets=0.6,
    ),
)  # fmt: skip


def missing_shares(records: tuple[int, ...], target: float) -> tuple[float, ...]:
    """Share of records without code per agency, ``target`` over all ``records``.

    Agencies that always or never have a code keep to it as long as the others can make up the
    difference within half of their room; else all move in proportion.
    """
    total = max(sum(records), 1)
    usual = [habit.uncoded for habit in HABITS]
    missing = sum(n * share for n, share in zip(records, usual, strict=True)) / total
    wanted = target - missing
    free = [0.0 < share < 1.0 for share in usual]
    for movable, most in ((free, 0.5), ([True] * len(usual), 1.0)):
        room = sum(
            n * ((1.0 - share) if wanted > 0 else share)
            for n, share, moves in zip(records, usual, movable, strict=True) if moves
        ) / total  # fmt: skip
        part = abs(wanted) / room if room > 0 else (0.0 if wanted == 0 else 2.0)
        if part <= most:
            break
    return tuple(
        share + part * ((1.0 - share) if wanted > 0 else -share) if moves else share
        for share, moves in zip(usual, movable, strict=True)
    )
