"""An entry as a form: what it holds comes back from it."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kb.entries.schemas import EntryContent
from kb.entries.validation import validate_content
from kb.web.entry_form import EntryForm
from kb.web.forms import PostedForm

TEXT = st.text(
    st.one_of(st.sampled_from(' ,"\n\t;:-`<>'), st.characters(exclude_categories=["Cs", "Cc"])),
    min_size=1,
    max_size=30,
)
WORDS = TEXT.map(lambda text: " ".join(text.split()))


def accepted(values: Mapping[str, object]) -> EntryContent | None:
    try:
        return EntryContent.model_validate(values)
    except ValidationError:
        return None


CONTENTS = (
    st.fixed_dictionaries(
        {
            "title": WORDS.map(lambda text: f"{text} is long enough"),
            "tags": st.lists(st.from_regex(r"[a-z0-9.+#-]{1,8}", fullmatch=True), min_size=1),
            "problem": TEXT,
            "solution": st.none() | TEXT,
            "language": st.none() | WORDS,
            "applies_to": st.none() | WORDS,
            "environment": st.lists(WORDS, max_size=4),
            "keywords": st.lists(WORDS, max_size=4),
            "error_messages": st.lists(TEXT, max_size=4),
            "gotchas": st.lists(TEXT, max_size=4),
            "references": st.lists(st.just("https://a.example/?a=1,2"), max_size=1),
        }
    )
    .map(accepted)
    .filter(lambda content: content is not None)
)


def sent(form: EntryForm) -> PostedForm:
    """Return the form as a browser sends it: with the line ends of HTML's forms."""
    pairs = [*form.texts.items(), *((name, one) for name in form.boxes for one in form.boxes[name])]
    return PostedForm((name, text.replace("\n", "\r\n")) for name, text in pairs)


@given(CONTENTS)
def test_what_an_entry_holds_comes_back_from_its_form(content: EntryContent) -> None:
    posted = EntryForm.posted(sent(EntryForm.of(content, 1)))
    assert validate_content(posted.values) == content


@given(st.text(st.sampled_from('ab ,"\n')))
def test_any_text_between_commas_is_read(text: str) -> None:
    items = EntryForm.posted(PostedForm([("environment", text)])).values["environment"]
    assert isinstance(items, list)
    assert all(item.strip() == item != "" for item in items)
    if '"' not in text:
        assert items == [item.strip() for item in text.split(",") if item.strip()]
