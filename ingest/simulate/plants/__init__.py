"""One file per typology that is planted, with near misses and look-alikes."""

from ingest.simulate.plants.scene import Scene


def plant_all(scene: Scene) -> None:
    """Plant every typology."""
