"""Moving entries in and out of a knowledge base: entry files, NDJSON, JSON."""
