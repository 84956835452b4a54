"""One file per typology that is planted, with near misses and look-alikes."""

from ingest.simulate.plants import hw_10, hw_11
from ingest.simulate.scene import Scene


def plant_all(scene: Scene) -> None:
    """Plant every typology."""
    hw_11.plant(scene)
    hw_10.plant(scene)
