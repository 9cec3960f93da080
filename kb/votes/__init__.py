"""Votes: one a caller on an entry, which can be changed and taken back."""
