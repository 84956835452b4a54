"""One file per group of commands; each registers its commands on the app it is given."""
