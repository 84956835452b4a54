"""Commands for the people who build this program; the product does not import them."""
