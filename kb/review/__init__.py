"""Review: how proposed changes come in, wait, and are decided."""
