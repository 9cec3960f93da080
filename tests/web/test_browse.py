"""Browse and search: the first page."""

import json

import pytest
from httpx2 import AsyncClient

from kb.entries import counts
from kb.runtime import Runtime
from tests.factories import create_entry, make_values
from tests.web.pages import Page, get_page, parsed

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def titles_of_articles(page: Page) -> list[str]:
    """Return the titles of the results, in order."""
    return [text for text in page.headings if text in page.links]


async def titles_at(client: AsyncClient, address: str) -> set[str]:
    return set(titles_of_articles(await get_page(client, address)))


async def test_every_entry_is_listed_with_its_kind(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    entry = await create_entry(
        maintainer,
        title="Sleeping <i>stalls</i> the others",
        severity="critical",
        language="python",
        framework="fastapi",
        tags=["c++", "asyncio"],
    )
    page = await get_page(client, "/")
    assert page.links["Sleeping <i>stalls</i> the others"] == entry["url"].removeprefix(
        "http://kb.test"
    )
    assert page.links["c++"] == "/?tag=c%2B%2B"
    assert await titles_at(client, page.links["c++"]) == {"Sleeping <i>stalls</i> the others"}
    for word in ("critical", "gotcha", "python", "fastapi"):
        assert word in page.text
    assert "1 gotcha" in page.text


async def test_facets_count_and_toggle(maintainer: AsyncClient, client: AsyncClient) -> None:
    await create_entry(maintainer, title="The first of three", language="python", tags=["a"])
    await create_entry(maintainer, title="The second of three", language="python", tags=["a", "b"])
    await create_entry(maintainer, title="The third of three", language="go", tags=["b"])
    page = await get_page(client, "/")
    assert page.links["python 2"] == "/?language=python"
    both = await get_page(client, "/?language=python&tag=b")
    assert both.links["python 1"] == "/?tag=b"
    assert both.links["a 1"] == "/?language=python&tag=b&tag=a"
    assert both.links["language python \N{MULTIPLICATION SIGN}, remove this filter"] == "/?tag=b"
    assert both.links["Clear all"] == "/"
    assert await titles_at(client, "/?language=python&tag=b") == {"The second of three"}
    assert await titles_at(client, "/?language=python&language=go") == {
        "The first of three",
        "The second of three",
        "The third of three",
    }


async def test_toggling_a_facet_keeps_the_query_and_the_order_and_leaves_the_page(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    for number in range(21):
        await create_entry(maintainer, title=f"A sleeping endpoint {number}", tags=["a"])
    await runtime.indexer.drain()
    page = await get_page(client, "/?q=sleeping&sort=newest&page=2")
    assert page.links["a 21"] == "/?q=sleeping&tag=a&sort=newest"


async def test_pages_have_twenty_entries_and_numbers(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    for number in range(21):
        await create_entry(maintainer, title=f"An entry with number {number}")
    first = await get_page(client, "/")
    assert sum(tag == "article" for tag, _ in first.tags) == 20
    assert first.links["Next"] == "/?page=2"
    second = await get_page(client, "/?page=2")
    assert titles_of_articles(second) == ["An entry with number 0"]
    assert second.links["Previous"] == "/"
    assert "21 gotchas" in first.text


async def test_a_page_beyond_the_last_is_not_found_and_leads_back(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await create_entry(maintainer, tags=["a"])
    page = await get_page(client, "/?tag=a&page=2", status=404)
    assert page.links["Page 1"] == "/?tag=a"


@pytest.mark.parametrize("sort", ["newest", "updated", "votes", "views"])
async def test_each_order_is_a_link_and_an_order(
    maintainer: AsyncClient, client: AsyncClient, sort: str
) -> None:
    await create_entry(maintainer, title="The older of two entries")
    await create_entry(maintainer, title="The newer of two entries")
    page = await get_page(client, f"/?sort={sort}")
    assert page.links[sort].endswith(f"sort={sort}")
    assert titles_of_articles(page) == ["The newer of two entries", "The older of two entries"]


async def test_a_search_marks_what_matches_and_says_where(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(
        maintainer, title="Sleeping <b>stalls</b>", why="A <script>zygomorphic</script> loop."
    )
    await create_entry(maintainer, title="Another entry entirely")
    await runtime.indexer.drain()
    answer = await client.get("/?q=zygomorphic+stalls")
    page = parsed(answer)
    assert titles_of_articles(page) == ["Sleeping <b>stalls</b>"]
    assert "<mark>stalls</mark>" in answer.text
    assert "<mark>zygomorphic</mark>" in answer.text
    assert '<span class="matched">why</span>' in answer.text
    assert "<script>zyg" not in answer.text
    assert dict(page.forms["search"].fields)["q"] == "zygomorphic stalls"


async def test_qualifiers_and_facets_narrow_a_search(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, title="A sleeping endpoint here", tags=["a"], language="go")
    await create_entry(maintainer, title="A sleeping endpoint there", tags=["b"], language="go")
    await runtime.indexer.drain()
    assert await titles_at(client, "/?q=sleeping+tag:a") == {"A sleeping endpoint here"}
    assert await titles_at(client, "/?q=sleeping&tag=b") == {"A sleeping endpoint there"}
    assert len(await titles_at(client, "/?q=sleeping&language=go")) == 2


async def test_the_search_box_keeps_the_chosen_facets_and_the_order(client: AsyncClient) -> None:
    page = await get_page(client, "/?q=x&tag=a&tag=b&sort=votes")
    assert sorted(page.forms["search"].fields) == [
        ("q", "x"),
        ("sort", "votes"),
        ("tag", "a"),
        ("tag", "b"),
    ]


async def test_nothing_found_offers_what_to_do(client: AsyncClient) -> None:
    page = await get_page(client, "/?q=zygomorphic+%26+more&tag=a")
    assert page.links["Search without tag “a”"] == "/?q=zygomorphic+%26+more"
    assert page.links["Write the entry"] == "/entries/new?title=zygomorphic+%26+more"
    form = await get_page(client, page.links["Write the entry"])
    assert dict(form.forms["entry-form"].fields)["title"] == "zygomorphic & more"
    error = "ZygomorphicError: no such thing"
    page = await get_page(client, f"/?q={error}")
    form = await get_page(client, page.links["Write the entry"])
    fields = form.forms["entry-form"].fields
    assert dict(fields)["title"] == ""
    assert ("error_messages", error) in fields


async def test_htmx_gets_the_results_alone_under_the_same_address(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, tags=["asyncio"])
    await runtime.indexer.drain()
    whole = await client.get("/?q=sleeping")
    part = await client.get("/?q=sleeping", headers=PARTIAL)
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.text.strip() in whole.text
    assert "asyncio" in part.text
    for answer in (whole, part):
        assert "HX-Request-Type" in answer.headers["vary"]
    restored = await client.get("/?q=sleeping", headers=PARTIAL | {"HX-Request-Type": "full"})
    assert "<html" in restored.text


async def test_typing_takes_the_last_word_as_a_beginning_and_tidies_the_address(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, title="A zygomorphic endpoint")
    await create_entry(maintainer, title="A thing called zygo alone")
    await runtime.indexer.drain()
    typed = await client.get("/?q=zygo&sort=relevance&page=1", headers=PARTIAL)
    assert "A <mark>zyg" in typed.text
    assert typed.headers["hx-replace-url"] == "/?q=zygo"
    assert await titles_at(client, "/?q=zygo") == {"A thing called zygo alone"}


async def test_what_was_found_while_typing_is_found_by_its_address(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, title="A zygomorphic endpoint")
    await runtime.indexer.drain()
    assert await titles_at(client, "/?q=zygomorp") == {"A zygomorphic endpoint"}


async def test_long_facets_fold_and_keep_what_is_chosen_in_sight(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    for language in "abcdefghij":
        await create_entry(maintainer, tags=["t"], language=f"l{language}")
    page = await get_page(client, "/")
    assert "2 more" in page.text
    assert "lj 1" not in " ".join(page.text.split("2 more")[0].split())
    chosen = await get_page(
        client, "/?language=lj&" + "&".join(f"language=l{i}" for i in "abcdefghi")
    )
    assert "more" not in chosen.text
    assert "lj 1" in chosen.links


async def test_a_facet_of_very_many_values_names_the_most_used_and_what_is_chosen(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    for number in range(6):
        tags = ["often", *(f"t{number}{place:02}" for place in range(19))]
        await create_entry(maintainer, title=f"Number {number} of six entries", tags=tags)
    page = await get_page(client, "/")
    assert len([link for link in page.links if link.endswith(" 1")]) == 99
    assert "80 more" in page.text
    assert "the 100 most used" in page.text
    assert "t518 1" not in page.links
    chosen = await get_page(client, "/?tag=t518")
    assert chosen.links["t518 1"] == "/"
    assert "most used" not in chosen.text


async def test_a_chosen_value_that_few_entries_have_says_how_many(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    lines = [
        json.dumps(make_values(title=f"Entry number {number} of all", language=f"l{number}"))
        for number in range(100, 202)
    ]
    headers = {"Content-Type": "application/x-ndjson"}
    await maintainer.post("/api/v1/import", content="\n".join(lines), headers=headers)
    assert "l201 1" not in (await get_page(client, "/")).links
    assert (await get_page(client, "/?language=l201")).links["l201 1"] == "/"


async def test_facets_of_more_entries_than_are_counted_say_at_least_how_many(
    maintainer: AsyncClient, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        title = f"Number {number} of four entries"
        await create_entry(maintainer, title=title, language="python", tags=["a", "b"])
    exact = await get_page(client, "/?tag=a&tag=b")
    assert exact.links["python 4"] == "/?language=python&tag=a&tag=b"
    monkeypatch.setattr(counts, "COUNTED", 3)
    await create_entry(maintainer, title="Another one", language="python", tags=["a"])
    rough = await get_page(client, "/?tag=a&tag=b")
    assert rough.links["python 3+"] == "/?language=python&tag=a&tag=b"
    assert rough.links["tip 0+"] == "/?severity=tip&tag=a&tag=b"
    assert "+ is at least" in rough.text
    assert "4 entries" in rough.text
    one = await get_page(client, "/?tag=a")
    assert one.links["python 5"] == "/?language=python&tag=a"


async def test_a_head_request_is_answered_like_a_get(client: AsyncClient) -> None:
    answer = await client.head("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_list_shows_how_each_problem_begins(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    code = "```python\ntime.sleep(1)\n```"
    long = f"**Calls** <i>stall</i>:\n\n{code}\n\n{'and so on ' * 100}"
    await create_entry(maintainer, problem=long)
    answer = await client.get("/")
    assert "Calls &lt;i&gt;stall&lt;/i&gt;: time.sleep(1) and so on" in answer.text
    assert answer.text.count("and so on") < 30


async def test_a_date_says_what_it_is_of(maintainer: AsyncClient, client: AsyncClient) -> None:
    await create_entry(maintainer)
    assert "added " in (await get_page(client, "/")).text
    assert "updated " in (await get_page(client, "/?sort=updated")).text


async def test_what_a_title_has_between_backticks_is_code(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    title = "Sleeping in `a <b> loop` `stalls` and ` more"
    await create_entry(maintainer, title=title)
    await runtime.indexer.drain()
    listed = await client.get("/")
    assert "in <code>a &lt;b&gt; loop</code> <code>stalls</code> and ` more</a>" in listed.text
    found = await client.get("/?q=stalls")
    assert "<code><mark>stalls</mark></code>" in found.text


async def test_a_misspelt_word_is_corrected_and_the_original_is_one_click_away(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, title="A zygomorphic endpoint", tags=["a"])
    await runtime.indexer.drain()
    page = await get_page(client, "/?q=zygomorhpic&tag=a&sort=newest")
    assert titles_of_articles(page) == ["A zygomorphic endpoint"]
    assert page.headings[0] == "1 entry for “zygomorphic”"
    assert "Showing results for “zygomorphic”" in page.text
    assert dict(page.forms["search"].fields)["q"] == "zygomorhpic"
    original = page.links["Search instead for “zygomorhpic”"]
    assert original == "/?q=zygomorhpic&tag=a&sort=newest&verbatim=1"
    verbatim = await get_page(client, original)
    assert titles_of_articles(verbatim) == []
    assert verbatim.headings[0] == "Nothing matches “zygomorhpic” with these filters"
    assert verbatim.links["zygomorphic"] == "/?q=zygomorphic&tag=a&sort=newest"
    # What is typed next is another search, and corrected again.
    assert "verbatim" not in dict(verbatim.forms["search"].fields)


async def test_nothing_found_offers_to_drop_a_filter_of_the_query(client: AsyncClient) -> None:
    page = await get_page(client, "/?q=zygomorphic+tag:x+-language:go")
    assert page.links["Search without tag:x"] == "/?q=zygomorphic+-language%3Ago"
    assert page.links["Search without -language:go"] == "/?q=zygomorphic+tag%3Ax"
    assert [heading for heading in page.headings if "zygo" in heading] == page.headings[:1]


@pytest.mark.parametrize("start", ["/?", "/?q=sleeping&"])
async def test_a_second_value_can_be_chosen_beside_the_first(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, start: str
) -> None:
    await create_entry(maintainer, title="A sleeping one in Python", language="python")
    await create_entry(maintainer, title="A sleeping one in Go", language="go", severity="tip")
    await create_entry(maintainer, title="A sleeping one in C", language="c", severity="tip")
    await runtime.indexer.drain()
    page = await get_page(client, f"{start}language=python")
    assert page.links["go 1"] == f"{start}language=python&language=go"
    assert len(await titles_at(client, page.links["go 1"])) == 2
    # What is chosen elsewhere narrows it all the same.
    tips = await get_page(client, f"{start}language=go&severity=tip")
    assert "c 1" in tips.links
    assert "python 1" not in tips.links


async def test_a_link_followed_in_place_is_no_typing(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, title="A zygomorphic endpoint")
    await create_entry(maintainer, title="A thing called zygo alone")
    await runtime.indexer.drain()
    followed = await client.get("/?q=zygo", headers=PARTIAL | {"HX-Boosted": "true"})
    assert "<html" not in followed.text
    assert "zygomorphic" not in followed.text
    assert "hx-replace-url" not in followed.headers
