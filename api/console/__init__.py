"""One file per console page."""
