"""How often a caller may change something, search, and try to sign in."""
