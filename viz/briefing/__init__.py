"""Briefings in HTML, DOCX and PDF."""
