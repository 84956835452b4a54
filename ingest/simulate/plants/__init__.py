"""One file per typology that is planted, with near misses and look-alikes."""

from ingest.simulate.plants import hw_08, hw_10, hw_11, om_02, tp_01, tp_06
from ingest.simulate.scene import Scene


def plant_all(scene: Scene) -> None:
    """Plant every typology; HW-08 comes first, since it takes plants out of everyday business."""
    hw_08.plant(scene)
    hw_11.plant(scene)
    hw_10.plant(scene)
    om_02.plant(scene)
    tp_01.plant(scene)
    tp_06.plant(scene)
