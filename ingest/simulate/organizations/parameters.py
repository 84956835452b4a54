"""How large the world of organisations is, how entangled, and how badly it is written down."""

from dataclasses import dataclass, fields

LARGEST_FIRM_COUNT = 1_500_000


@dataclass(frozen=True, slots=True)
class OrganizationParameters:
    """Size and shares; the defaults follow a province's registries.

    Parameters
    ----------
    firm_count : int
        Organisations of all kinds, branches included, 2 or more.
    records_per_firm : float
        Mean number of records of one organisation, at least 1.
    missing_code_ratio : float
        Share of records that carry no credit code.
    held_out_ratio : float
        Share of wrongly written records whose mistake is of a kind nothing is tuned on.
    slip_scale : float
        Factor on the chance of every tuned slip and abbreviation; at 0 values are still absent,
        former or shared.
    sister_ratio, branch_ratio, namesake_ratio, subsidiary_ratio : float
        Shares of organisations that take their name from another one: same controller and almost
        the same name; branch; strangers of the same name in another city; daughter at the
        mother's address. Together at most 0.6.
    bookkeeper_ratio, incubator_ratio : float
        Shares of organisations that file under a bookkeeper's phone; that sit in an incubator.
    former_name_ratio, moved_ratio, new_representative_ratio : float
        Shares of organisations that changed name, place, legal representative.

    Raises
    ------
    ValueError
        If a value lies outside its range.
    """

    firm_count: int = 66_000
    records_per_firm: float = 3.24
    missing_code_ratio: float = 0.42
    held_out_ratio: float = 0.15
    slip_scale: float = 1.0
    sister_ratio: float = 0.07
    branch_ratio: float = 0.05
    namesake_ratio: float = 0.05
    subsidiary_ratio: float = 0.03
    bookkeeper_ratio: float = 0.15
    incubator_ratio: float = 0.04
    former_name_ratio: float = 0.08
    moved_ratio: float = 0.05
    new_representative_ratio: float = 0.08

    def __post_init__(self) -> None:
        if not 2 <= self.firm_count <= LARGEST_FIRM_COUNT:
            raise ValueError(
                f"firm_count is {self.firm_count}; choose 2 to {LARGEST_FIRM_COUNT:,} firms"
            )
        if not 1.0 <= self.records_per_firm <= 100.0:
            raise ValueError(
                f"records_per_firm is {self.records_per_firm}; every firm has 1 to 100 records"
            )
        if not 0.0 <= self.slip_scale <= 10.0:
            raise ValueError(f"slip_scale is {self.slip_scale}; choose 0 to 10")
        for name in (f.name for f in fields(self) if f.name.endswith("_ratio")):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is {getattr(self, name)}; a share lies within 0 and 1")
        if self.derived_ratio > 0.6:
            raise ValueError(
                f"sisters, branches, namesakes and subsidiaries are {self.derived_ratio:.2f} of all"
                " organisations; leave at least 0.4 for firms of their own"
            )

    @property
    def derived_ratio(self) -> float:
        """Share of organisations that take their name from another one."""
        return self.sister_ratio + self.branch_ratio + self.namesake_ratio + self.subsidiary_ratio

    @property
    def record_count(self) -> int:
        """Number of records in all."""
        return round(self.firm_count * self.records_per_firm)
