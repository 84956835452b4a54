"""One file per typology that is planted, with near misses and look-alikes."""
