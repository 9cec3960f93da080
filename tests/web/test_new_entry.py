"""Writing a new entry."""

from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry
from tests.web.pages import FORM, Fields, get_page, parsed, send, sent_to

PARTIAL = {"HX-Request-Type": "partial"}


async def draft(client: AsyncClient, **changes: str) -> Fields:
    """Return the form for a new entry, filled in."""
    form = (await get_page(client, "/entries/new")).forms["entry-form"]
    assert (form.action, form.method) == ("/entries", "post")
    return form.filled(
        **{
            "title": "Sleeping in an endpoint stalls the others",
            "tags": "asyncio, event-loop",
            "problem": "`time.sleep` holds the loop.",
        }
        | changes
    )


async def total(client: AsyncClient) -> int:
    answer = await client.get("/api/v1/entries")
    return int(answer.json()["total"])


async def test_an_owner_creates_an_entry(owner: AsyncClient, client: AsyncClient) -> None:
    fields = await draft(
        owner,
        category="debug",
        severity="critical",
        language="Python",
        environment="linux, docker",
        keywords="event loop\r\nblocking I/O\r\n",
        references="https://a.example/\r\n\r\nhttps://b.example/",
        gotchas="Two\r\nlines.",
        error_messages="RuntimeError: boom",
        solution="Use `asyncio.sleep`.",
        action="save",
    )
    page = sent_to(await send(owner, "/entries", fields))
    assert page == "/entries/sleeping-in-an-endpoint-stalls-the-others"
    entry = (await client.get(f"/api/v1{page}")).json()
    assert entry["tags"] == ["asyncio", "event-loop"]
    assert entry["keywords"] == ["event loop", "blocking I/O"]
    assert entry["references"] == ["https://a.example/", "https://b.example/"]
    assert entry["gotchas"] == ["Two\nlines."]
    assert (entry["language"], entry["environment"]) == ("python", ["linux", "docker"])
    assert (entry["category"], entry["severity"]) == ("debug", "critical")
    assert (entry["why"], entry["submitted_by"], entry["revision"]) == (None, "owner", 1)


async def test_a_visitor_suggests_an_entry(client: AsyncClient) -> None:
    fields = await draft(client, summary="Seen at work")
    page = await get_page(client, sent_to(await send(client, "/entries", fields)))
    assert "waits for a review" in page.text
    assert "Seen at work" in page.headings
    assert "Accept" not in page.text
    assert await total(client) == 0


async def test_errors_stand_beside_their_fields_and_the_text_is_kept(owner: AsyncClient) -> None:
    fields = await draft(
        owner,
        title="short",
        tags="two words, ok",
        references="javascript:alert(1)",
        problem="Kept <text>\r\nand more",
        action="save",
    )
    page = parsed(await send(owner, "/entries", fields), status=422)
    sent = dict(page.forms["entry-form"].fields)
    assert sent["title"] == "short"
    assert sent["tags"] == "two words, ok"
    assert sent["problem"] == "Kept <text>\nand more"
    assert page.links["Title must be at least 10 characters long, is 5."] == "#title"
    assert page.by_id("title")["aria-invalid"] == "true"
    assert page.by_id("title")["aria-describedby"].split() == ["title-hint", "title-error"]
    assert "“two words” may hold only" in page.text
    assert page.by_id("references-error")
    assert "aria-invalid" not in page.by_id("problem")
    assert await total(owner) == 0


async def test_an_error_in_a_repeated_field_stands_at_its_box(owner: AsyncClient) -> None:
    fields = [("gotchas", ""), ("gotchas", "fine"), ("gotchas", "bad \x07 bell")]
    fields = [*(await draft(owner)), *fields]
    page = parsed(await send(owner, "/entries", fields), status=422)
    assert page.by_id("gotchas-1")["aria-invalid"] == "true"
    assert "#gotchas-1" in page.links.values()


async def test_a_summary_too_long_is_an_error_of_its_field(owner: AsyncClient) -> None:
    fields = await draft(owner, summary="x" * 301)
    page = parsed(await send(owner, "/entries", fields), status=422)
    assert page.by_id("summary-error")
    assert dict(page.forms["entry-form"].fields)["summary"] == "x" * 301


async def test_a_preview_shows_the_entry_and_stores_nothing(owner: AsyncClient) -> None:
    fields = await draft(owner, problem="It **stalls**.", action="preview")
    answer = await send(owner, "/entries", fields)
    page = parsed(answer)
    assert "<strong>stalls</strong>" in answer.text
    assert "not saved yet" in page.text
    assert dict(page.forms["entry-form"].fields)["problem"] == "It **stalls**."
    assert await total(owner) == 0


async def test_htmx_gets_the_preview_alone(owner: AsyncClient) -> None:
    fields = dict(await draft(owner, problem="It **stalls**.", action="preview"))
    answer = await owner.post("/entries", data=fields, headers=PARTIAL)
    assert answer.status_code == 200
    assert "<strong>stalls</strong>" in answer.text
    assert "<form" not in answer.text
    bad = await owner.post("/entries", data=fields | {"title": "x"}, headers=PARTIAL)
    assert bad.status_code == 422
    assert "at least 10 characters" in bad.text
    assert "<html" not in bad.text


async def test_a_glance_while_typing_shows_what_there_is_and_complains_of_nothing(
    owner: AsyncClient,
) -> None:
    fields = await draft(owner, title="x", tags="no such tag!", problem="", why="A **cause**.")
    typed = dict(fields) | {"action": "glance"}
    answer = await owner.post("/entries", data=typed, headers=PARTIAL)
    page = parsed(answer)
    assert "<strong>cause</strong>" in answer.text
    assert "Untitled entry" in page.headings
    assert "alert" not in {attributes.get("role") for _, attributes in page.tags}
    assert await total(owner) == 0


async def test_another_box_is_added_and_the_text_kept(owner: AsyncClient) -> None:
    fields = await draft(owner, gotchas="First", title="x", action="add-gotchas")
    page = parsed(await send(owner, "/entries", fields))
    sent = page.forms["entry-form"].fields
    assert [value for name, value in sent if name == "gotchas"] == ["First", "", ""]
    assert dict(sent)["title"] == "x"


async def test_similar_entries_are_shown_before_a_new_one_is_taken(
    owner: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(owner)
    await runtime.indexer.drain()
    fields = await draft(owner, title="Sleeping in endpoints stalls everything", action="save")
    page = parsed(await send(owner, "/entries", fields))
    existing = "Sleeping in an endpoint stalls the others"
    assert page.links[existing] == "/entries/sleeping-in-an-endpoint-stalls-the-others"
    assert "Not sent yet" in page.text
    assert await total(owner) == 1
    again = page.forms["entry-form"].fields
    assert sent_to(await send(owner, "/entries", again)).startswith("/entries/sleeping-in-end")
    assert await total(owner) == 2


async def test_similar_entries_are_shown_while_the_title_is_typed(
    owner: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(owner)
    await runtime.indexer.drain()
    params = {"title": "sleeping in an endpoint"}
    answer = await owner.get("/entries/new", params=params, headers=PARTIAL)
    assert "Sleeping in an endpoint stalls the others" in answer.text
    assert 'name="compared"' in answer.text
    assert "<html" not in answer.text


async def test_an_empty_title_is_similar_to_nothing(owner: AsyncClient, runtime: Runtime) -> None:
    await create_entry(owner)
    await runtime.indexer.drain()
    answer = await owner.get("/entries/new", params={"title": " "}, headers=PARTIAL)
    assert answer.status_code == 200
    assert not answer.text.strip()


async def test_a_form_with_a_field_of_no_meaning_is_refused(owner: AsyncClient) -> None:
    fields = [*await draft(owner), ("colour", "red")]
    page = parsed(await send(owner, "/entries", fields), status=400)
    assert "no field colour" in page.text
    fields = [*await draft(owner), ("title", "Another title entirely")]
    assert (await send(owner, "/entries", fields)).status_code == 400
    fields = await draft(owner, action="burn")
    assert (await send(owner, "/entries", fields)).status_code == 400
    assert await total(owner) == 0


async def test_a_body_that_is_no_form_is_refused(owner: AsyncClient) -> None:
    multipart = await owner.post("/entries", files={"title": b"x"})
    assert multipart.status_code == 415
    assert (await owner.post("/entries", json={})).status_code == 415
    not_utf8 = await owner.post("/entries", content=b"title=%ff%fe", headers=FORM)
    assert not_utf8.status_code == 400
    assert "UTF-8" in not_utf8.text
    raw = await owner.post("/entries", content=b"title=\xff", headers=FORM)
    assert raw.status_code == 400
    many = await owner.post("/entries", content=b"&".join([b"gotchas=a"] * 600), headers=FORM)
    assert many.status_code == 400
    large = await owner.post("/entries", content=b"problem=" + b"x" * 2_000_000, headers=FORM)
    assert large.status_code == 413
    for answer in (multipart, not_utf8, raw, many, large):
        assert answer.headers["content-type"].startswith("text/html")
        assert "<h1>" in answer.text
    assert await total(owner) == 0


async def test_a_form_from_another_site_is_refused(owner: AsyncClient) -> None:
    fields = dict(await draft(owner))
    answer = await owner.post(
        "/entries", data=fields, headers={"Origin": "https://elsewhere.example"}
    )
    parsed(answer, status=403)
    assert "another site" in answer.text
    assert await total(owner) == 0


async def test_an_entry_that_is_like_no_other_is_taken_at_once(
    owner: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(owner)
    await runtime.indexer.drain()
    other = {"title": "A grid grows wider than its endpoint", "problem": "Sleeping stalls it."}
    answer = await send(owner, "/entries", await draft(owner, **other))
    assert sent_to(answer) == "/entries/a-grid-grows-wider-than-its-endpoint"
