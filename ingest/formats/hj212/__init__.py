"""HJ 212 packet logs."""
