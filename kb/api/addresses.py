"""Absolute addresses of what the API talks about."""

from starlette.requests import Request

from kb.dependencies import base_url


class Addresses:
    """Makes addresses as the caller sees them: under KB_PUBLIC_URL, or the host asked for."""

    def __init__(self, request: Request) -> None:
        self._asked = request.url
        self._base = base_url(request)

    def next_page(self, cursor: str) -> str:
        """Return the Link header that leads from the list asked for to its next page (RFC 8288)."""
        query = self._asked.include_query_params(cursor=cursor).query
        return f'<{self._base}{self._asked.path}?{query}>; rel="next"'

    def page(self, slug: str) -> str:
        """Return the address of an entry's page."""
        return f"{self._base}/entries/{slug}"

    def suggestion(self, suggestion_id: int) -> str:
        """Return the address of a suggestion's page."""
        return f"{self._base}/review/{suggestion_id}"

    def entry(self, slug: str) -> str:
        """Return the address of an entry in the API."""
        return f"{self._base}/api/v1/entries/{slug}"

    def revision(self, slug: str, number: int) -> str:
        """Return the address of a revision in the API."""
        return f"{self.entry(slug)}/revisions/{number}"
