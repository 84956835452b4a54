"""The scene lives in ``ingest.simulate.scene``, where importing it plants nothing."""

from ingest.simulate.scene import LAST_DAY, Place, Row, Scene, moment

__all__ = ["LAST_DAY", "Place", "Row", "Scene", "moment"]
