"""What the description shows of each model: one entry's story, from its creation to a vote."""

from typing import Any

_SLUG = "sleeping-in-an-endpoint-stalls-the-others"
_URL = f"https://kb.example.org/entries/{_SLUG}"
_TITLE = "Sleeping in an endpoint stalls the others"
_PROBLEM = "`time.sleep` holds the event loop."
_SOLUTION = "`await asyncio.sleep(1)`"
_AT = "2026-01-02T03:04:05Z"

_NEW = {"title": _TITLE, "tags": ["asyncio"], "problem": _PROBLEM}
_CONTENT = {
    **_NEW,
    "category": "gotcha",
    "severity": "major",
    "language": "python",
    "framework": "fastapi",
    "environment": [],
    "keywords": ["blocking"],
    "error_messages": [],
    "solution": _SOLUTION,
    "why": None,
    "gotchas": [],
    "context": None,
    "applies_to": "fastapi >= 0.100",
    "references": ["https://fastapi.tiangolo.com/async/"],
}
_ENTRY = {
    **_CONTENT,
    "slug": _SLUG,
    "revision": 2,
    "submitted_by": "ada",
    "created_at": _AT,
    "updated_at": _AT,
    "votes": 1,
    "views": 40,
    "url": _URL,
    "archived": None,
}
_ITEM = {
    name: _ENTRY[name]
    for name in ("slug", "title", "category", "severity", "language", "framework", "tags", "url")
}
_LISTED = {**_ITEM, "votes": 1, "views": 40, "updated_at": _AT}
_FOUND = {
    **_ITEM,
    "score": 7.5,
    "snippet": "<mark>Sleeping</mark> in an endpoint stalls the others",
    "field": "title",
}
_REVISION = {
    "number": 2,
    "kind": "edit",
    "base": 1,
    "merged_with": None,
    "restored": None,
    "author": "ada",
    "summary": "Say what to do",
    "created_at": _AT,
}
_FIRST = {**_REVISION, "number": 1, "kind": "create", "base": None, "summary": "Created"}
_DIFFERENCE = {
    "field": "solution",
    "kind": "prose",
    "lines": [
        {
            "op": "insert",
            "segments": [{"text": _SOLUTION, "changed": True}],
            "old_number": None,
            "new_number": 1,
            "moved": False,
        }
    ],
    "omitted": 0,
}
_CONFLICT = {
    "field": "severity",
    "base": "moderate",
    "theirs": "major",
    "yours": "critical",
    "with_theirs": "major",
    "with_yours": "critical",
    "parts": [{"base": "moderate", "theirs": "major", "yours": "critical"}],
}
_SUGGESTION = {
    "id": 7,
    "status": "pending",
    "standing": "current",
    "entry": _SLUG,
    "base": 2,
    "version": 1,
    "title": _TITLE,
    "author": "anonymous",
    "summary": "Say why",
    "created_at": _AT,
    "decided_by": None,
    "decided_at": None,
    "reason": None,
    "revision": None,
    "with_changes": False,
    "held": [],
    "url": "https://kb.example.org/review/7",
}
_REPORT = {
    "holds": True,
    "version": "fastapi 0.163",
    "note": "",
    "revision": 2,
    "author": "ada",
    "created_at": _AT,
}


def _page(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "total": 1, "next": None}


_NUMBERS = {
    "as_of": _AT,
    "entries": 1,
    "unsolved": 0,
    "archived": 0,
    "categories": [{"category": "gotcha", "count": 1}],
    "languages": [{"language": "python", "severity": "major", "count": 1}],
    "growth": [{"since": "2026-01-02", "added": 1, "total": 1}],
    "searches": [{"day": "2026-01-02", "door": "api", "found": 12, "missed": 1}],
    "most_read": [{"slug": _SLUG, "title": _TITLE, "views": 40}],
    "stalest": [{"slug": _SLUG, "title": _TITLE, "confirmed_at": _AT}],
    "most_wanted_solutions": [],
    "wanted": [{"words": "zygomorphic widgets", "times": 1, "last_asked": "2026-01-02"}],
}

EXAMPLES: dict[str, Any] = {
    "Statistics": _NUMBERS,
    "Acceptance": {"version": 1},
    "Comparison": {"a": _FIRST, "b": _REVISION, "fields": [_DIFFERENCE]},
    "CompletionList": {
        "items": [{"kind": "tag", "text": "asyncio", "q": "tag:asyncio", "url": None}]
    },
    "ConflictProblem": {
        "type": "/problems/stale-base",
        "title": "Somebody else has changed this entry",
        "status": 409,
        "detail": "You started from revision 1; the entry is at revision 2 now.",
        "base": {"revision": 1, "content": {**_CONTENT, "severity": "moderate"}},
        "theirs": {"revision": 2, "content": _CONTENT},
        "yours": {"content": {**_CONTENT, "severity": "critical"}},
        "conflicts": [_CONFLICT],
    },
    "EntryList": _page(_LISTED),
    "EntryPart": {"title": _TITLE, "votes": 1},
    "EntryView": _ENTRY,
    "ExportedEntry": {
        **_CONTENT,
        "slug": _SLUG,
        "submitted_by": "ada",
        "created_at": _AT,
        "updated_at": _AT,
    },
    "Failure": {
        "kind": "error",
        "error": {
            "type": "/problems/busy",
            "title": "Too busy",
            "status": 503,
            "detail": "Somebody else is writing. Nothing was saved; try again.",
        },
    },
    "ImportFault": {
        "kind": "problem",
        "line": 7,
        "field": "title",
        "reason": "must be at least 10 characters long, is 5",
    },
    "ImportProgress": {"kind": "progress", "read": 1000},
    "ImportSummary": {
        "kind": "summary",
        "created": 1203,
        "updated": 4,
        "unchanged": 0,
        "rejected": 1,
        "dry_run": False,
    },
    "NewArchival": {"reason": "Fixed in fastapi 1.0"},
    "NewEntry": {**_NEW, "language": "python", "summary": "Seen in production"},
    "NewReport": {"holds": True, "version": "fastapi 0.163"},
    "NewRevision": {"base": 1, "solution": _SOLUTION, "summary": "Say what to do"},
    "NewVote": {"value": 1},
    "Rejection": {"reason": "It is another entry's business"},
    "ReportList": {"items": [_REPORT]},
    "ReportView": _REPORT,
    "RevisionList": {"items": [_REVISION, _FIRST], "total": 2, "next": None},
    "RevisionRecord": {"slug": _SLUG, **_REVISION, "content": _CONTENT},
    "RevisionView": {**_REVISION, "merged": False, "content": _CONTENT},
    "SearchAnswer": {
        **_page(_FOUND),
        "facets": {"tag": [{"value": "asyncio", "count": 1, "selected": False}]},
        "did_you_mean": None,
        "corrected": False,
        "took_ms": 4.2,
    },
    "SuggestionDetail": {
        **_SUGGESTION,
        "content": {**_CONTENT, "why": "One thread runs the loop."},
        "changes": [{**_DIFFERENCE, "field": "why"}],
        "conflicts": [],
    },
    "SuggestionList": _page(_SUGGESTION),
    "SuggestionView": {
        "id": 7,
        "status": "pending",
        "base": 2,
        "url": "https://kb.example.org/review/7",
        "held": [],
    },
    "TagList": {"items": [{"tag": "asyncio", "count": 12}], "total": 1},
    "TallyView": {"votes": 1, "value": 1},
}
"""An example by the name of its schema; each is one that the schema allows."""
