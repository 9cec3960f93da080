"""The counts that the database keeps are those that counting finds, whatever was done."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from random import Random

from httpx2 import AsyncClient

from kb.entries import counts, repository
from kb.entries.counts import EVERYTHING
from kb.entries.selection import FACETS, Selection
from kb.runtime import Runtime
from kb.statistics import repository as numbers
from tests.factories import create_entry, revise

ALL = 1_000
"""More than there are."""

WORDS = ("python", "rust", "sql", None)


async def differing(runtime: Runtime, random: Random) -> dict[str, tuple[object, object]]:
    """Return, by selection, what is kept and what is counted, where the two are not the same.

    Of everything, of each value, and of some two, which is what the database keeps.
    """
    found: dict[str, tuple[object, object]] = {}
    async with runtime.database.read() as session:
        _, values = await counts.counted(session, EVERYTHING, FACETS, ALL)
        ones = [(name, value) for name in FACETS for value in values[name]]
        twos = random.sample([*combinations(ones, 2)], 20)
        for chosen in [(), *combinations(ones, 1), *twos]:
            selection = selection_of(chosen)
            kept = (
                await counts.count(session, selection),
                await counts.facet_counts(session, selection),
            )
            number, _ = await counts.counted(session, selection, FACETS, ALL)
            facets = {
                name: (await counts.counted(session, wider, [name], ALL))[1][name]
                for name in FACETS
                for wider in [selection.alternatives().get(name, selection)]
            }
            if kept != (number, counts.Counts(facets)):
                found[str(chosen)] = (kept, (number, facets))
        everything = await counts.count(session, EVERYTHING)
        ids = await repository.all_ids(session)
        if everything != len(ids):
            found["total"] = (everything, len(ids))
        entries = await repository.by_ids(session, ids)
        known = (
            {(one.language, one.severity): one.count for one in await numbers.by_language(session)},
            {one.category: one.count for one in await numbers.by_category(session)},
            dict(await numbers.added_by_day(session)),
            await numbers.unsolved(session),
        )
        numbered = (
            Counter((one.language, one.severity) for one in entries),
            Counter(one.category for one in entries),
            Counter(one.created_at.date() for one in entries),
            sum(one.solution is None for one in entries),
        )
        if known != numbered:
            found["numbers"] = (known, numbered)
    return found


def selection_of(chosen: Sequence[tuple[str, str]]) -> Selection:
    """Return the selection of these values, by facet."""
    names = {name for name, _ in chosen}
    return Selection.model_validate(
        {name: [value for of, value in chosen if of == name] for name in names}
    )


async def test_counts_follow_entries_revisions_and_the_archive(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    random = Random(7)
    revisions: dict[str, int] = {}
    for number in range(12):
        made = await create_entry(maintainer, **values(random), title=f"Entry number {number} here")
        revisions[made["slug"]] = 1
    assert await differing(runtime, random) == {}
    archived: set[str] = set()
    for _ in range(40):
        slug = random.choice(sorted(revisions))
        if slug in archived:
            answer = await maintainer.post(f"/api/v1/entries/{slug}/unarchive")
            assert answer.is_success
            archived.discard(slug)
        elif random.random() < 0.3:
            answer = await maintainer.post(f"/api/v1/entries/{slug}/archive", json={"reason": "x"})
            assert answer.is_success
            archived.add(slug)
        elif await revise(maintainer, slug, revisions[slug], **values(random)) == 201:
            revisions[slug] += 1
    assert archived
    assert await differing(runtime, random) == {}

    lines = (await maintainer.get("/api/v1/export")).text.splitlines()
    copies = [json.loads(line) for line in lines]
    for copy in copies:
        copy |= {"slug": f"{copy['slug']}-copy", "tags": ["copied", *copy["tags"]]}
        copy["created_at"] = f"2024-05-{random.randint(1, 4):02}T10:00:00Z"
    assert any("archived" in copy for copy in copies)
    before = len(revisions) - len(archived)
    content = "\n".join([*lines, *map(json.dumps, copies)])
    for _ in range(2):
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await maintainer.post("/api/v1/import", content=content, headers=headers)
        assert json.loads(answer.text.splitlines()[-1])["kind"] == "summary"
        assert await differing(runtime, random) == {}
        content = content.replace('"minor"', '"tip"').replace('"copied"', '"again"')
    assert (await maintainer.get("/api/v1/entries")).json()["total"] == 2 * before


def values(random: Random) -> dict[str, object]:
    return {
        "category": random.choice(["gotcha", "pattern"]),
        "severity": random.choice(["minor", "major"]),
        "language": random.choice(WORDS),
        "framework": random.choice(WORDS),
        "solution": random.choice(["Await.", None]),
        "tags": random.sample(["a", "b", "c", "d", "e"], 3),
    }
