"""What is measured is always the same, and as good as real."""

from itertools import islice
from pathlib import Path

import pytest

from bench.corpus import SHARED, Corpus
from bench.queries import fresh, queries

STARTERS = Corpus(Path("/nowhere"))


def test_when_the_real_entries_are_used_up_their_fields_are_recombined() -> None:
    records = list(STARTERS.records(100))
    real = [record for record in records if record.submitted_by != "bench"]
    made = [record for record in records if record.submitted_by == "bench"]

    assert records == real + made
    assert {one.content.problem for one in made} <= {one.content.problem for one in real}
    assert not {one.content.title for one in made} & {one.content.title for one in real}
    assert len({record.slug for record in records}) == 100


def test_the_entries_are_the_same_each_time_and_a_part_of_any_longer_list() -> None:
    assert list(STARTERS.records(40)) == list(STARTERS.records(80))[:40]


def test_without_a_shared_corpus_the_starter_entries_serve_and_it_is_said() -> None:
    assert "starter entries" in STARTERS.name
    assert "not at" in STARTERS.name
    assert queries(50, STARTERS) == queries(50, STARTERS)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpus is not there")
def test_the_shared_corpus_brings_its_entries_and_queries() -> None:
    corpus = Corpus()

    assert "shared corpus" in corpus.name
    assert all(record.content.references for record in corpus.records(20))
    assert len(corpus.queries()) > 100
    asked = queries(200, corpus)
    assert set(corpus.queries()) < set(asked)
    assert len(set(asked)) == 200


def test_fresh_queries_are_the_same_each_time_and_never_come_twice() -> None:
    some, again = (list(islice(fresh(STARTERS), 500)) for _ in range(2))

    assert some == again
    assert len(set(some)) == 500
