"""The JSON API under `/api/v1`: HTTP to service calls, results to JSON."""
