"""Which records are the same company, person, vehicle or place."""
