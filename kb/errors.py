"""What can go wrong, each with a slug, a title and an HTTP status; the doors render them.

The fields are those of RFC 9457 (Problem Details for HTTP APIs): `slug` becomes the `type`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of the input: its name and a sentence for a person."""

    field: str
    message: str


class KbError(Exception):
    """Anything the caller can be told about; `detail` says what to do.

    `when` and `remedy` say so of the kind, in Markdown: the page at `/problems/{slug}` and
    docs/errors.md have them.
    """

    slug = "internal-error"
    title = "Something went wrong"
    status = 500
    when = "a fault of ours, which the server has logged; nothing was changed"
    remedy = "try again; if it happens again, tell whoever runs this server when it did"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's headers say of it, through whichever door."""
        return {}


class BadRequest(KbError):
    """The request cannot be read at all."""

    slug = "bad-request"
    title = "The request could not be read"
    status = 400
    when = "the request cannot be read: broken JSON, an address that is not UTF-8"
    remedy = "send valid JSON in UTF-8; `detail` says what could not be read"


class NotSignedIn(KbError):
    """Credentials are missing or no good."""

    slug = "not-signed-in"
    title = "Sign in first"
    status = 401
    when = "credentials are missing or no good"
    remedy = (
        "send `Authorization: Bearer` with an API token, which `kb token create` makes, or sign in"
    )


class NotAllowed(KbError):
    """The caller is known and may not do this."""

    slug = "not-allowed"
    title = "Not allowed"
    status = 403
    when = "the credentials are good and do not suffice"
    remedy = "use those of somebody who may; a maintainer decides what others only suggest"


class CrossSite(KbError):
    """A form was posted from another site."""

    slug = "cross-site"
    title = "This form was sent from another site"
    status = 403
    when = "a form was sent from another site; nothing was changed"
    remedy = "open the form on this site and send it from there"


class NotFound(KbError):
    """There is nothing at that address."""

    slug = "not-found"
    title = "Not found"
    status = 404
    when = "there is nothing at that address"
    remedy = (
        "check the address: an entry's slug never changes, and the list of entries has all of them"
    )


class MethodNotAllowed(KbError):
    """The address exists, and does not take this method."""

    slug = "method-not-allowed"
    title = "Method not allowed"
    status = 405
    when = "the address exists and does not take this method"
    remedy = "use one of the methods in the header `Allow`"


class TooSlow(KbError):
    """The body took too long to arrive."""

    slug = "too-slow"
    title = "The request took too long to arrive"
    status = 408
    when = "the body did not arrive within a minute; nothing was changed"
    remedy = "send it again over a better connection; an import may take as long as it needs"

    @property
    def headers(self) -> dict[str, str]:
        """The rest of the body is not waited for (RFC 9110, section 15.5.9)."""
        return {"Connection": "close"}


class Conflict(KbError):
    """The thing is no longer in the state that the request assumes."""

    slug = "conflict"
    title = "Already changed"
    status = 409
    when = (
        "the thing is no longer in the state that the request assumes: a slug that is taken, "
        "a suggestion that is decided or was edited meanwhile"
    )
    remedy = "look at the thing as it is now, and send the request again if it still makes sense"


class Archived(Conflict):
    """The entry is archived, and nothing about it changes until it is restored."""

    slug = "archived"
    title = "This entry is archived"
    when = (
        "a maintainer has archived the entry: it can be read, and neither revised, voted nor "
        "reported on until it is restored"
    )
    remedy = "ask a maintainer to restore it"


class InFlight(Conflict):
    """A request with the same Idempotency-Key is being worked on."""

    slug = "request-in-flight"
    title = "Still being worked on"
    when = "a request with the same `Idempotency-Key` is being worked on"
    remedy = "send it again, key and all, in a moment: you get the first one's answer"


class AnswerLost(Conflict):
    """A request with this Idempotency-Key was carried out, and its answer is not known."""

    slug = "answer-lost"
    title = "Carried out, and the answer lost"
    when = (
        "a request with this `Idempotency-Key` was carried out, and the server stopped before it "
        "could answer"
    )
    remedy = "look at what there is now; it is not carried out again"


class TooLarge(KbError):
    """The body is over the limit."""

    slug = "too-large"
    title = "Too large"
    status = 413
    when = "the body is over 1 MB; that of an import over `KB_IMPORT_LIMIT_MB`"
    remedy = "send less at once"


class UnsupportedMedia(KbError):
    """The body is of a type this address does not take."""

    slug = "unsupported-media-type"
    title = "Unsupported media type"
    status = 415
    when = "the body is of a type this address does not take"
    remedy = "send JSON as `Content-Type: application/json`; a page's form as it is"


class MisdirectedRequest(KbError):
    """The request names a host that this server does not answer to."""

    slug = "unknown-host"
    title = "Unknown host"
    status = 421
    when = "the address names a host that this server does not know itself as"
    remedy = "use the server's own address; whoever runs it names it in `KB_ALLOWED_HOSTS`"


class Invalid(KbError):
    """The input was read, and some of it is not valid; `errors` says what, field by field."""

    slug = "invalid"
    title = "Not valid"
    status = 422
    when = "the input was read, and some of it breaks a rule; `errors` has each field"
    remedy = "mend the fields that `errors` names; nothing was changed"


class KeyReused(Invalid):
    """The Idempotency-Key belongs to a request that said something else."""

    slug = "idempotency-key-reused"
    title = "This key belongs to another request"
    when = "the `Idempotency-Key` was sent before, with another body, base or query"
    remedy = "use a new key for a new request, and the same key and body to send one again"


class BaseRequired(KbError):
    """A revision was sent without the revision number it started from (RFC 6585)."""

    slug = "base-required"
    title = "Say which revision you started from"
    status = 428
    when = "a revision was sent without the one it started from"
    remedy = "send the entry's `ETag` as `If-Match`, or its `revision` as `base`"


class TooManyRequests(KbError):
    """The caller has done this too often (RFC 6585)."""

    slug = "too-many-requests"
    title = "Too many requests"
    status = 429
    when = "a caller has changed, searched or tried to sign in more often than they may"
    remedy = (
        "wait for as many seconds as `Retry-After` says, and send it again; nothing was changed"
    )

    wait = 1
    """Seconds until it may be tried again."""

    def __init__(self, detail: str, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait

    @property
    def headers(self) -> dict[str, str]:
        """When to try again (RFC 9110, section 10.2.3)."""
        return {"Retry-After": str(self.wait)}


class Busy(KbError):
    """Too much work waits; the caller may try again."""

    slug = "busy"
    title = "Too busy"
    status = 503
    when = "too much work waits, or some took too long"
    remedy = "try again in a moment"


def kinds(of: type[KbError] = KbError) -> dict[str, type[KbError]]:
    """Return every kind of error by its slug; of those that share one, what they are all of."""
    found = {of.slug: of}
    for kind in of.__subclasses__():
        found = kinds(kind) | found
    return found
