"""A made-up province that writes agency-format files."""
