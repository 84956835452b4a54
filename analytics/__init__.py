"""Detection models and the algorithms under them."""
