"""One file per kind of entity."""
