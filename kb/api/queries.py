"""The parameters that calls of the API take in their address; one with a slip is refused."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from kb.api.fields import FieldsOf
from kb.api.schemas import EntryView, FoundEntry, ListedEntry
from kb.entries.selection import Selection, Sort
from kb.entries.validation import validate
from kb.models import SuggestionStatus
from kb.search.query import MAX_LENGTH

PAGE = 20
HISTORY_PAGE = 100

Limit = Annotated[int, Field(ge=1, le=100, description="items a page")]
Cursor = Annotated[
    str | None, Field(description="where the page begins: `next` of the one before it")
]


class Parameters(BaseModel):
    """Parameters of an address, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


async def refuse_parameters(request: Request) -> None:
    """Refuse every parameter where the route takes none; one that does names them in a model.

    Raises:
        Invalid: there are some.
    """
    route: APIRoute = request.scope["route"]
    if not route.dependant.query_params:
        validate(Parameters, request.query_params)


class EntryQuery(Parameters):
    """Parameters of one entry."""

    fields: Annotated[Sequence[str], FieldsOf(EntryView)] = ()


class ListQuery(Selection):
    """Parameters of a list of entries."""

    sort: Sort = Sort.NEWEST
    limit: Limit = PAGE
    cursor: Cursor = None
    fields: Annotated[Sequence[str], FieldsOf(ListedEntry)] = ()


class SearchQuery(Selection):
    """Parameters of a search."""

    q: Annotated[
        str, Field(max_length=MAX_LENGTH, description="in the search language; any text will do")
    ] = ""
    sort: Sort = Sort.RELEVANCE
    verbatim: Annotated[
        bool, Field(description="search for words that no entry has as they are typed")
    ] = False
    limit: Limit = PAGE
    cursor: Cursor = None
    fields: Annotated[Sequence[str], FieldsOf(FoundEntry)] = ()


class CompletionQuery(Parameters):
    """Parameters of completions."""

    q: Annotated[str, Field(max_length=MAX_LENGTH, description="what is typed so far")] = ""


class HistoryQuery(Parameters):
    """Parameters of a list of revisions."""

    limit: Limit = HISTORY_PAGE
    cursor: Cursor = None


class SuggestionQuery(Parameters):
    """Parameters of the list of suggestions."""

    status: Annotated[
        SuggestionStatus | Literal["all"], Field(description="what became of them")
    ] = SuggestionStatus.PENDING
    limit: Limit = PAGE
    cursor: Cursor = None


class ExportQuery(Parameters):
    """Parameters of an export."""

    history: Annotated[
        bool, Field(description="with every revision, before the line of its entry")
    ] = False


class ImportQuery(Parameters):
    """Parameters of an import."""

    dry_run: Annotated[bool, Field(description="say what would happen, and change nothing")] = False
