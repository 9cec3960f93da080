"""A parsed query, compiled: which terms score, what every hit must have, what none may have."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kb.search.analysis import FUNCTION_WORDS, Token, stem, symbols, tokens, without_varying
from kb.search.query import AnyOf, Clause, Filter, Not, Operand, Phrase, Prefix, Query, Word
from kb.search.terms import neighbours


@dataclass(slots=True)
class Plan:
    """What to look for.

    `words` maps each term to whether it says anything about the subject; `joined` are typed
    neighbours written as one word, `prefixes` beginnings of words, `pairs` neighbours. A hit has
    one of each of `required`'s alternatives and none of `excluded`. `free` says that words stand
    beside these, so that a hit is found by words; otherwise everything that meets the conditions
    is one.
    """

    words: dict[str, bool] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    required: list[tuple[Operand, ...]] = field(default_factory=list)
    excluded: list[Operand] = field(default_factory=list)
    free: bool = False


def as_you_type(query: Query) -> Query:
    """Return `query` with its last word as the beginning of one; marks are none."""
    last = query.clauses[-1] if query.clauses else None
    if query.pasted or not isinstance(last, Word) or not any(tokens(last.text)):
        return query
    return Query((*query.clauses[:-1], Prefix(last.text)))


def wording_of(query: Query) -> str:
    """Return what was written to be understood; what was pasted is recognised by its words."""
    if query.pasted:
        return ""
    return " ".join(one.text for one in query.clauses if isinstance(one, Word | Phrase | Prefix))


def compiled(query: Query) -> Plan:
    """Return the plan of `query`."""
    plan = Plan()
    clauses = query.clauses
    text = " ".join(clause.text for clause in clauses if isinstance(clause, Word))
    found = list(tokens(without_varying(text) if query.pasted else text))
    plan.pairs = list(dict.fromkeys(neighbours(found)))
    _add_tokens(plan, found)
    if not query.pasted:
        plan.joined = [term for term in _joined(found) if term not in plan.words]
    for clause in clauses:
        if isinstance(clause, Prefix):
            _add_prefix(plan, clause.text)
    only_words = all(isinstance(clause, Word | Prefix) for clause in clauses)
    if only_words and not (plan.words or plan.prefixes):
        plan.words = dict.fromkeys(symbols(text), True)
    # Punctuation alone finds nothing, and beside anything else it is passed over.
    plan.free = bool(plan.words or plan.prefixes or (clauses and only_words))
    for clause in clauses:
        _add_condition(plan, clause)
    return plan


def _add_condition(plan: Plan, clause: Clause) -> None:
    match clause:
        case Not(operand):
            plan.excluded.append(operand)
        case AnyOf(operands):
            plan.required.append(operands)
            for operand in operands:
                _add_operand(plan, operand)
        case Phrase():
            plan.required.append((clause,))
            _add_operand(plan, clause)
        case Word() | Prefix() | Filter():
            pass


def _add_operand(plan: Plan, operand: Operand) -> None:
    match operand:
        case Word(text) | Phrase(text):
            _add_tokens(plan, list(tokens(text)))
        case Prefix(text):
            _add_prefix(plan, text)
        case Filter():
            pass


def _add_tokens(plan: Plan, found: list[Token]) -> None:
    for token in found:
        plan.words[token.term] = (
            plan.words.get(token.term, False) or token.word not in FUNCTION_WORDS
        )


def _joined(found: list[Token]) -> Iterator[str]:
    """Yield each two and three neighbours as one word: `use effect` is `useEffect`."""
    parts = [token for token in found if token.part]
    for number in (2, 3):
        for start in range(len(parts) - number + 1):
            word = "".join(token.word for token in parts[start : start + number])
            if word not in FUNCTION_WORDS:
                yield stem(word)


def _add_prefix(plan: Plan, text: str) -> None:
    """Take `text` whole, and the last of its parts, as beginnings; the other parts as words."""
    found = list(tokens(text))
    parts = [token for token in found if token.part]
    _add_tokens(plan, parts[:-1])
    plan.prefixes += [token.word for token in parts[-1:]]
    plan.prefixes += [token.word for token in found if not token.part]
