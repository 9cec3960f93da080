"""The archive: entries out of sight, with the reason, and brought back."""
