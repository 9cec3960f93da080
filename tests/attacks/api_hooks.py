"""What Schemathesis has to be told about our API, read by it as SCHEMATHESIS_HOOKS."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(context: schemathesis.SerializationContext, value: object) -> bytes:
    """Return an import's body: the description is of one line."""
    return json.dumps(value).encode(errors="replace") + b"\n"
