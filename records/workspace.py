"""The folder that holds one installation's data: every path has its name here."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of one workspace; creating the object touches nothing on disk."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Agency files as delivered, one folder per dataset; the program never changes them."""
        return self.root / "inbox"

    @property
    def lake(self) -> Path:
        """Accepted rows as Parquet, quarantine and reports beside them."""
        return self.root / "lake"

    @property
    def staging(self) -> Path:
        """Batches being written; whatever lies here after a crash is debris."""
        return self.lake / ".staging"

    @property
    def graph(self) -> Path:
        """The embedded graph store."""
        return self.root / "graph"

    @property
    def state(self) -> Path:
        """What cannot be derived again: decisions, id registry, ledger, users, audit."""
        return self.root / "state"

    @property
    def out(self) -> Path:
        """Exports and briefings."""
        return self.root / "out"

    @property
    def settings_file(self) -> Path:
        """The settings of this workspace."""
        return self.root / "jinghuan.toml"

    def derived(self, stage: str) -> Path:
        """Folder of what a stage (``resolve``, ``load``, ``detect``, …) derived from the lake."""
        return self.lake / "derived" / stage

    def batch(self, dataset: str, batch: str) -> Path:
        """Folder of one batch of one dataset."""
        return self.lake / dataset / batch

    def state_file(self, name: str) -> Path:
        """Path of the SQLite file ``name`` in ``state/`` (``intake``, ``registry``, …)."""
        return self.state / f"{name}.sqlite"

    def create(self) -> None:
        """Make the folders that a person expects to find; existing ones stay as they are."""
        for path in (self.inbox, self.lake, self.state, self.out):
            path.mkdir(parents=True, exist_ok=True)
