"""Posted forms, read strictly: what cannot be read whole is refused, never guessed at."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from kb.errors import BadRequest, UnsupportedMedia

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 500


class PostedForm:
    """The fields of a form, each with the values it was sent with, in order."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def allow(self, names: Iterable[str]) -> None:
        """Do nothing where the form has only fields of these names. Raises BadRequest."""
        unknown = sorted(self._values.keys() - set(names))
        if unknown:
            raise BadRequest(f"This form has no field {', '.join(unknown)}. Nothing was saved.")

    def one(self, name: str, default: str = "") -> str:
        """Return a field's only value. Raises BadRequest where it was sent several times."""
        values = self._values.get(name, [default])
        if len(values) > 1:
            raise BadRequest(f"The field {name} was sent more than once. Nothing was saved.")
        return values[0]

    def many(self, name: str) -> list[str]:
        """Return a field's values; none where it was not sent."""
        return self._values.get(name, [])


async def read_form(request: Request) -> PostedForm:
    """Return the form in the request's body.

    Raises:
        UnsupportedMedia: the body is not a plain HTML form.
        BadRequest: it is not valid UTF-8, or has too many fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        raise UnsupportedMedia(f"Send this form as {FORM_TYPE}. Nothing was saved.")
    body = await request.body()
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise BadRequest("The form is not valid UTF-8. Nothing was saved.") from None
    except ValueError:
        raise BadRequest(f"A form may have at most {MAX_FIELDS} fields.") from None
    return PostedForm(pairs)
