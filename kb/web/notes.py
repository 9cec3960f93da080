"""A word after something was done: a cookie holds it until the page that follows has shown it.

The cookie names one of the sentences below and has no text of its own, so that nobody can put
words into our mouth; pages stay as they are for whoever did nothing.
"""

import re
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

NOTE_COOKIE = "kb_note"
_LASTS = 60
"""Seconds after which a note that no page has shown is no longer news."""
_STORED = re.compile(r"([a-z-]{1,20})(?:\.([0-9]{1,9}))?")


class Note(StrEnum):
    """What was done; the values are the names that the cookie holds."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    SAVED = "saved"
    MERGED = "merged"
    RESTORED = "restored"
    SUGGESTED = "suggested"
    CHANGED = "changed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPORTED = "reported"


_SENTENCES = {
    Note.SIGNED_IN: "You are signed in.",
    Note.SIGNED_OUT: "You are signed out.",
    Note.SAVED: "Saved as revision {}.",
    Note.MERGED: "Saved as revision {}, together with what others have changed meanwhile.",
    Note.RESTORED: "Restored: revision {} says again what the older one said.",
    Note.SUGGESTED: "Your suggestion is kept, and waits for a review.",
    Note.CHANGED: "Your suggestion is changed.",
    Note.ACCEPTED: "Accepted as revision {}.",
    Note.REJECTED: "Rejected.",
    Note.WITHDRAWN: "Your suggestion is withdrawn.",
    Note.REPORTED: "Thank you. Your report is kept.",
}


def go_on(request: Request, page: str, note: Note, number: int | None = None) -> Response:
    """Return the answer that sends the browser to `page`, which will say what was done.

    `number` is the revision that came of it.
    """
    response = RedirectResponse(page, 303)
    response.set_cookie(
        NOTE_COOKIE,
        note if number is None else f"{note}.{number}",
        max_age=_LASTS,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def note_in(request: Request) -> str:
    """Return what there is to be said to the visitor; empty where there is nothing."""
    stored = _STORED.fullmatch(request.cookies.get(NOTE_COOKIE, ""))
    if stored is None or stored[1] not in set(Note):
        return ""
    sentence = _SENTENCES[Note(stored[1])]
    return sentence.format(stored[2]) if stored[2] or "{}" not in sentence else ""


def forget_note(request: Request, response: Response) -> None:
    """Take the note away, where there is one, because this response shows it."""
    if NOTE_COOKIE in request.cookies and request.method != "HEAD":
        response.delete_cookie(NOTE_COOKIE, httponly=True, samesite="lax")
