"""What operators ask: whether a server is ready, and how it does."""
