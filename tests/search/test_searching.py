"""What a search finds, in which order, and what it counts."""

import random
from dataclasses import replace

import pytest
from anyio import to_thread

from bench.engine import InPlace
from kb.search.engine import Filters
from kb.search.meaning import model
from kb.search.query import Filter
from tests.search.searcher import Searcher, document, done_at_once

ENTRIES = (
    document(1, "Event loop blocked by requests", tags=("asyncio", "python"), language="python"),
    document(2, "Requests hang without a timeout", tags=("http",), severity="minor"),
    document(
        3,
        "Cannot import a name",
        error_messages=("ImportError: cannot import name 'X' from partially initialized module",),
        language="python",
        tags=("python",),
        author="Bob Ross",
    ),
    document(
        4, "Arrow functions keep this", tags=("javascript", "functions"), language="javascript"
    ),
    document(5, "Docker layers", problem="The loop of events; call asyncio.run_in_executor"),
)


@pytest.fixture(autouse=True)
def words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what is an extra: here the order that words give is held."""
    monkeypatch.setattr(model, "installed", lambda: False)


@pytest.fixture
async def five(searcher: Searcher) -> Searcher:
    """An index of the five entries above."""
    await searcher.build(*ENTRIES)
    return searcher


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("requests", [1, 2]),
        ("requesting timeouts", [1, 2]),
        ('"event loop"', [1]),
        ('"loop events"', []),
        ('"without a timeout"', [2]),
        ("loop -event", []),
        ('loop -"event loop"', [5]),
        ("-requests -docker", [4, 3]),
        ("docker OR arrow", [5, 4]),
        ("arrow OR nothing", [4]),
        ('"event loop" OR tag:functions', [4, 1]),
        ("impor*", [3]),
        ("run_in_executor", [5]),
        ("RunInExecutor", [5]),
        ("asyncio.run_in_exec*", [5]),
        ("tag:python", [3, 1]),
        ("tag:PYTHON tag:asyncio", [1]),
        ("-tag:python", [5, 4, 2]),
        ("language:python language:javascript", [4, 3, 1]),
        ("severity:minor", [2]),
        ("category:gotcha requests -severity:minor", [1]),
        ('author:"bob ross"', [3]),
        ("error:ImportError", [3]),
        ('error:"cannot import name"', [3]),
        ('error:"name cannot"', []),
        ("tag:nothing", []),
        ("framework:none requests", []),
        ("unheard", []),
        ("&&", []),
        ("tag:http &&", [2]),
        ("???", []),
    ],
)
async def test_the_language_finds(five: Searcher, text: str, found: list[int]) -> None:
    assert sorted(await five.ids(text)) == sorted(found)


async def test_filters_beside_the_query_and_in_it_are_one(five: Searcher) -> None:
    chosen = Filters(tag=("python",), excluded=(Filter("language", "go"),))
    assert await five.ids("tag:asyncio", filters=chosen) == [1]


async def test_of_one_word_only_the_beginning_is_typed(five: Searcher) -> None:
    assert await five.ids("docker lay", prefix_last=True) == [5]
    assert await five.ids("functi", prefix_last=True) == [4]
    assert await five.ids("functi") == []


async def test_a_word_in_the_title_weighs_more_than_one_in_the_text(searcher: Searcher) -> None:
    await searcher.build(
        document(1, "Something else entirely", problem="about caching layers"),
        document(2, "Caching layers", problem="about something else"),
    )
    assert await searcher.ids("caching") == [2, 1]


async def test_a_rare_word_decides(searcher: Searcher) -> None:
    await searcher.build(
        *(document(n, f"Python module number {n}") for n in range(1, 30)),
        document(30, "Zlib crashes"),
    )
    assert (await searcher.ids("python zlib"))[0] == 30


async def test_a_common_word_finds_nothing_beside_rarer_ones(searcher: Searcher) -> None:
    await searcher.build(
        *(document(n, "Python module") for n in range(1, 30)), document(30, "Python zlib")
    )
    assert await searcher.ids("python zlib") == [30]
    assert await searcher.ids("python unheard") == []
    assert len(await searcher.ids("python", limit=None)) == 30
    assert len(await searcher.ids("the python", limit=None)) == 30


async def test_what_misses_most_of_the_query_is_left_out(searcher: Searcher) -> None:
    await searcher.build(
        document(1, "alpha beta gamma delta zeta"),
        document(2, "alpha"),
        document(3, "beta gamma delta zeta"),
    )
    assert await searcher.ids("alpha beta gamma delta zeta") == [1, 3]


@pytest.mark.parametrize("fillers", [45, 46, 48, 51])
async def test_what_has_just_as_much_of_the_query_as_is_asked_for_is_found(
    searcher: Searcher, fillers: int
) -> None:
    words = ["loxdax", "pivnim", "zarrop", "kevex", "mulut"]  # each in three entries
    titles = [" ".join(words[:4]), *words * 2, words[4], *["filler"] * fillers]
    await searcher.build(*(document(number, title) for number, title in enumerate(titles, 1)))
    assert sorted(await searcher.ids(" ".join(words), limit=20)) == [*range(1, 13)]


async def test_neighbours_in_the_title_come_before_the_same_words_apart(
    searcher: Searcher,
) -> None:
    await searcher.build(
        document(1, "state lifted, shared: component"),
        document(2, "component: shared state lifted"),
    )
    assert await searcher.ids("shared state") == [2, 1]


TRACE = """Traceback (most recent call last):
  File "/home/me/shop/cart.py", line 3, in <module>
    from shop.cart import total - "x" | -Docker
ImportError: cannot import name 'total' from partially initialized module 'shop.cart' (3.11.4)"""


async def test_a_pasted_trace_finds_the_entry_with_its_error(five: Searcher) -> None:
    assert (await five.ids(TRACE))[0] == 3
    assert (await five.ids(TRACE.replace("\n", " ")))[0] == 3


async def test_a_query_of_ten_thousand_characters_is_answered(five: Searcher) -> None:
    words = " ".join(random.Random(1).choices(["event", "loop", "x1", "zz-y", "run_in"], k=3000))
    assert 1 in await five.ids(words[:10_000])


async def test_a_page_of_hits_continues_the_one_before(five: Searcher) -> None:
    every = await five.search("", limit=None)
    assert every.total == 5
    pages = [(await five.search("", offset=n, limit=2)).hits for n in (0, 2, 4)]
    assert sum(pages, ()) == every.hits


async def test_facets_count_the_whole_result(five: Searcher) -> None:
    hits = await five.search("tag:python", limit=1)
    assert dict(hits.facets["tag"]) == {"python": 2, "asyncio": 1}
    assert dict(hits.facets["language"]) == {"python": 2}
    assert dict(hits.facets["framework"]) == {}


async def test_a_value_filtered_by_is_among_the_facets_without_a_hit(five: Searcher) -> None:
    hits = await five.search("tag:asyncio tag:http")
    assert dict(hits.facets["tag"]) == {"asyncio": 0, "http": 0}


async def test_a_value_is_the_most_frequent_that_is_so_in_no_part_of_the_index(
    searcher: Searcher,
) -> None:
    tags = ["a"] * 3 + ["both"] * 2 + ["b"] * 3 + ["both"] * 2
    entries = [document(n, "Same words", tags=(tag,)) for n, tag in enumerate(tags, 1)]
    await searcher.build(*entries[:5])
    await searcher.engine.apply(entries[5:], [])
    hits = await searcher.search("words", facet_values=1)
    assert dict(hits.facets["tag"]) == {"both": 4}


async def test_who_asks_for_no_facet_values_gets_no_facets(five: Searcher) -> None:
    hits = await five.search("tag:asyncio", facet_values=0)
    assert hits.hits
    assert hits.facets == {}


async def test_terms_are_what_to_mark(five: Searcher) -> None:
    assert (await five.search("the requests unheard")).terms == {"request"}
    assert (await five.search("lay", prefix_last=True)).terms == {"layer"}


async def test_of_the_same_score_the_newest_comes_first(searcher: Searcher) -> None:
    await searcher.build(*(document(n, "Same words here") for n in range(1, 9)))
    assert await searcher.ids("same words") == [8, 7, 6, 5, 4, 3, 2, 1]


async def test_a_revision_is_found_by_its_new_words_only(five: Searcher) -> None:
    await five.engine.apply([replace(ENTRIES[4], revision=2, title="Podman layers")], [])
    assert await five.ids("podman") == [5]
    assert await five.ids("docker") == []
    assert (await five.engine.contents())[5] == 2


async def test_a_word_that_no_entry_has_is_corrected_and_said_so(five: Searcher) -> None:
    hits = await five.search("evnet loopp")
    assert [hit.id for hit in hits.hits] == [1, 5]
    assert hits.did_you_mean == "event loop"
    assert hits.terms == {"event", "loop"}


async def test_who_insists_gets_what_was_typed_and_is_asked_all_the_same(five: Searcher) -> None:
    hits = await five.search("dokcer", verbatim=True)
    assert (hits.hits, hits.did_you_mean) == ((), "docker")


async def test_a_word_that_some_entry_has_is_never_corrected(five: Searcher) -> None:
    await five.engine.apply([document(6, "Dokcer is spelt wrong")], [])
    hits = await five.search("dokcer")
    assert ([hit.id for hit in hits.hits], hits.did_you_mean) == ([6], None)


async def test_nothing_is_corrected_to_a_word_whose_entries_are_gone(five: Searcher) -> None:
    await five.engine.apply([], [5])
    assert (await five.search("dokcer")).did_you_mean is None


async def test_only_the_mistaken_word_of_a_query_is_corrected(five: Searcher) -> None:
    query = "requets tag:http -docker"
    hits = await five.search(query)
    assert (hits.did_you_mean, hits.hits[0].id) == ("requests tag:http -docker", 2)


async def test_while_typing_the_last_word_may_still_become_another(five: Searcher) -> None:
    assert (await five.search("dokc", prefix_last=True)).did_you_mean is None
    hits = await five.search("evnet lo", prefix_last=True)
    assert (hits.did_you_mean, [hit.id for hit in hits.hits]) == ("event lo", [1, 5])


async def test_an_abbreviation_finds_its_word_and_the_word_its_abbreviation(
    searcher: Searcher,
) -> None:
    await searcher.build(
        document(1, "Kubernetes evicts pods"),
        document(2, "A k8s probe fails"),
        document(3, "Another matter"),
    )
    assert await searcher.ids("k8s") == [2, 1]
    assert await searcher.ids("kubernetes") == [1, 2]
    assert (await searcher.search("k8s")).terms >= {"k8s", "kubernet"}


async def test_a_name_is_found_however_it_is_divided(searcher: Searcher) -> None:
    await searcher.build(
        document(1, "useEffect runs twice"),
        document(2, "An effect of many uses"),
        document(3, "The no-ex-assign rule"),
    )
    assert (await searcher.ids("use effect"))[0] == 1
    assert await searcher.ids("noex assign") == [3]
    assert await searcher.ids("useeffect") == [1]


async def test_signs_alone_find_what_has_them(searcher: Searcher) -> None:
    await searcher.build(
        document(1, "Nullish coalescing", problem="Use `a ?? b` or a === b"),
        document(2, "A shebang", problem="```sh\n#!/bin/sh\n```"),
        document(3, "C++ and .env"),
        document(4, "Nothing special"),
    )
    assert await searcher.ids("??") == [1]
    assert await searcher.ids("===") == [1]
    assert await searcher.ids("===", prefix_last=True) == [1]
    assert await searcher.ids("#!") == [2]
    assert await searcher.ids("C++") == [3]
    assert await searcher.ids(".env") == [3]
    assert await searcher.ids("nothing ??") == [4]


HOSTILE = [
    *'"-*:().?\\/{}[]<>|&^~!@#$%+=`\n\t\0\u202e\u200b\ufeff',
    *("OR", "AND", "NOT", "tag:", "error:", '-tag:"', "**", "--", "::", "->", "\ud7ff", "e\u0301"),
    *("event", "lop", "evnet", "loop", "asyncio.run_in_executor", "Error: x", "at x y:1", "İ", "ß"),
    *("9" * 40, "a" * 80, "x*", "*x", "Traceback (most recent call last):", "0x7f", "'; DROP"),
]


def ask_everything(searcher: Searcher) -> None:
    chance = random.Random(3)
    for number in range(10_000):
        pieces = [
            chance.choice(HOSTILE) if chance.random() < 0.7 else chr(chance.randrange(0xD800))
            for _ in range(chance.randrange(1, 9))
        ]
        text = chance.choice(("", " ")).join(pieces)
        asked = searcher.search(text, prefix_last=bool(number % 2), verbatim=number % 3 == 0)
        hits = done_at_once(asked)
        assert hits.total >= len(hits.hits)


async def test_ten_thousand_hostile_texts_are_all_answered(five: Searcher) -> None:
    await to_thread.run_sync(ask_everything, Searcher(five.root, executor=InPlace()))
