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
    """Anything the caller can be told about; `detail` says what to do."""

    slug = "internal-error"
    title = "Something went wrong"
    status = 500

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class BadRequest(KbError):
    """The request cannot be read at all."""

    slug = "bad-request"
    title = "The request could not be read"
    status = 400


class NotSignedIn(KbError):
    """Credentials are missing or no good."""

    slug = "not-signed-in"
    title = "Sign in first"
    status = 401


class NotAllowed(KbError):
    """The caller is known and may not do this."""

    slug = "not-allowed"
    title = "Not allowed"
    status = 403


class CrossSite(KbError):
    """A form was posted from another site."""

    slug = "cross-site"
    title = "This form was sent from another site"
    status = 403


class NotFound(KbError):
    """There is nothing at that address."""

    slug = "not-found"
    title = "Not found"
    status = 404


class MethodNotAllowed(KbError):
    """The address exists, and does not take this method."""

    slug = "method-not-allowed"
    title = "Method not allowed"
    status = 405


class Conflict(KbError):
    """The thing is no longer in the state that the request assumes."""

    slug = "conflict"
    title = "Already changed"
    status = 409


class Archived(Conflict):
    """The entry is archived, and nothing about it changes until it is restored."""

    slug = "archived"
    title = "This entry is archived"


class TooLarge(KbError):
    """The body is over the limit."""

    slug = "too-large"
    title = "Too large"
    status = 413


class UnsupportedMedia(KbError):
    """The body is of a type this address does not take."""

    slug = "unsupported-media-type"
    title = "Unsupported media type"
    status = 415


class Invalid(KbError):
    """The input was read, and some of it is not valid; `errors` says what, field by field."""

    slug = "invalid"
    title = "Not valid"
    status = 422


class BaseRequired(KbError):
    """A revision was sent without the revision number it started from (RFC 6585)."""

    slug = "base-required"
    title = "Say which revision you started from"
    status = 428


class Busy(KbError):
    """Too much work waits; the caller may try again."""

    slug = "busy"
    title = "Too busy"
    status = 503
