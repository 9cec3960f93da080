"""Reports: whether entries are still true, and which of them want looking after."""
