"""What the contract table cannot say, one file per source."""
