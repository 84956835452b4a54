"""Leads, orders, case files, clocks and packages."""
