"""Who did what: revisions, reviews and archivals in one line of time."""
