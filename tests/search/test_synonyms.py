"""The list of synonyms, and what stands in it."""

from pathlib import Path

import kb.search.synonyms
from kb.search.analysis import FUNCTION_WORDS, stem, tokens
from kb.search.synonyms import synonyms

LINES = [
    line.split()
    for line in Path(kb.search.synonyms.__file__).with_suffix(".txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def test_abbreviations_and_their_words_are_one() -> None:
    assert stem("kubernetes") in synonyms("k8s")
    assert "k8s" in synonyms(stem("kubernetes"))
    assert synonyms(stem("zygomorphism")) == frozenset()


def test_a_word_is_no_synonym_of_itself() -> None:
    terms = {stem(word) for line in LINES for word in line}
    assert not [term for term in terms if term in synonyms(term)]


def test_each_line_is_a_set_of_terms_as_the_analyser_makes_them() -> None:
    for line in LINES:
        assert len({stem(word) for word in line}) > 1, line
        for word in line:
            assert stem(word) in {token.term for token in tokens(word)}, word
            assert word not in FUNCTION_WORDS
