"""One file per detection model."""
