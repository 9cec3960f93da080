"""Screening: what people write that should be looked at before it stands."""
