"""Entries: what a gotcha is, how it is stored, listed, imported and exported."""
