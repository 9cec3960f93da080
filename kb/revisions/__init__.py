"""Revisions: how entries come about and change, and how their states compare."""
