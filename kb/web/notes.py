"""A word after something was done: a cookie holds it until the page that follows has shown it.

The cookie names one of the sentences below and has no text of its own, so that nobody can put
words into our mouth; pages stay as they are for whoever did nothing.
"""

import re
from datetime import timedelta
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from kb.cookies import forget_cookie, read_cookie, set_cookie
from kb.web.redirects import see_other

NOTE_COOKIE = "kb_note"
_LASTS = timedelta(seconds=60)
"""A note that no page has shown by then is no longer news."""
_STORED = re.compile(r"([a-z-]{1,20})(?:\.([0-9]{1,9}))?")


class Note(StrEnum):
    """What was done; the values are the names that the cookie holds."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    SAVED = "saved"
    MERGED = "merged"
    RESTORED = "restored"
    SUGGESTED = "suggested"
    HELD = "held"
    CHANGED = "changed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPORTED = "reported"
    JOINED = "joined"
    PASSWORD = "password"  # noqa: S105 (a note's name)
    SESSION_ENDED = "session-ended"
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    UNINVITED = "uninvited"


_SENTENCES = {
    Note.SIGNED_IN: "You are signed in.",
    Note.SIGNED_OUT: "You are signed out.",
    Note.SAVED: "Saved as revision {}.",
    Note.MERGED: "Saved as revision {}, together with what others have changed meanwhile.",
    Note.RESTORED: "Restored: revision {} says again what the older one said.",
    Note.SUGGESTED: "Your suggestion is kept, and waits for a review.",
    Note.HELD: "It is kept as a suggestion: somebody has to look at it first.",
    Note.CHANGED: "Your suggestion is changed.",
    Note.ACCEPTED: "Accepted as revision {}.",
    Note.REJECTED: "Rejected.",
    Note.WITHDRAWN: "Your suggestion is withdrawn.",
    Note.REPORTED: "Thank you. Your report is kept.",
    Note.JOINED: "Welcome. Your account is made, and you are signed in.",
    Note.PASSWORD: "Your password is changed, and every other session of yours has ended.",
    Note.SESSION_ENDED: "That session has ended.",
    Note.TOKEN_REVOKED: "That token no longer works.",
    Note.UNINVITED: "That invitation no longer works.",
}


def go_on(request: Request, page: str, note: Note, number: int | None = None) -> Response:
    """Return the answer that sends the browser to `page`, which will say what was done.

    `number` is the revision that came of it.
    """
    response = see_other(page)
    text = note if number is None else f"{note}.{number}"
    set_cookie(request, response, NOTE_COOKIE, text, _LASTS)
    return response


def note_in(request: Request) -> str:
    """Return what there is to be said to the visitor; empty where there is nothing."""
    stored = _STORED.fullmatch(read_cookie(request, NOTE_COOKIE))
    if stored is None or stored[1] not in set(Note):
        return ""
    sentence = _SENTENCES[Note(stored[1])]
    return sentence.format(stored[2]) if stored[2] or "{}" not in sentence else ""


def forget_note(request: Request, response: Response) -> None:
    """Take the note away, where there is one, because this response shows it."""
    if read_cookie(request, NOTE_COOKIE) and request.method != "HEAD":
        forget_cookie(request, response, NOTE_COOKIE)
