"""No text makes an expression of ours take more than a time that grows with its length."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest

import kb
from kb.screening.detectors import DETECTORS
from tests.unit.backtracking import Steps, grows

PACKAGE = Path(kb.__file__).parent
SEARCHES = "search|finditer|findall|sub|subn|split"

SHORT = {
    "kb.statistics.wanted._PRIVATE": "a query that is counted has 80 characters",
    "kb.statistics.wanted._MIXED": "a query that is counted has 80 characters",
    "kb.search.analysis._VARYING": "it sees pieces of 200 characters",
}
"""Expressions that may, and what keeps their text short."""


def modules() -> Iterator[str]:
    apart = ["__main__", "migrations"]
    if find_spec("tantivy") is None:
        apart.append("kb.search.tantivy.")
    for one in pkgutil.walk_packages(kb.__path__, "kb."):
        if not any(part in one.name for part in apart):
            yield one.name


def patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict | list | tuple | set | frozenset) and depth < 4:
        parts = chain(value, value.values()) if isinstance(value, dict) else value
        for part in parts:
            yield from patterns_in(part, depth + 1)


def kept() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """Yield the expressions that modules keep, and whether they are searched for."""
    for name in modules():
        module = importlib.import_module(name)
        source = inspect.getsource(module)
        for variable, value in vars(module).items():
            searched = not isinstance(value, re.Pattern) or bool(
                re.search(rf"\b{variable}\.(?:{SEARCHES})\b|[(,] ?{variable}\b", source)
            )
            for pattern in patterns_in(value):
                yield f"{name}.{variable}", pattern, searched
    for detector in DETECTORS:
        for pattern in detector.denylist:
            yield type(detector).__name__, pattern, True


def written_in_place() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """Yield the expressions of calls such as `re.sub(r"…", …)`."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=function),
                    args=[ast.Constant(value=str(text)), *_],
                ) if function not in {"compile", "escape"}:
                    where = f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"
                    yield where, re.compile(text), function in SEARCHES.split("|")


def expressions() -> dict[tuple[str, int, bool], tuple[str, re.Pattern[str]]]:
    found = chain(kept(), written_in_place())
    return {(one.pattern, one.flags, how): (where, one) for where, one, how in found}


@pytest.mark.parametrize(
    ("expression", "searched"),
    [
        (r"(\\*)##[ \t]+(\S.*?)[ \t]*", False),
        (r"sk-[A-Za-z0-9-_]*[A-Za-z0-9]{20}T3BlbkFJ", True),
        (r"(a+)+b", True),
        (r"\s+$", True),
        (r'"(?:[^"\\\n]|\\.)*+"', True),
        (r"(?:a|a)*b", False),
        (r"\d+\.\d+", True),
    ],
)
def test_an_expression_that_takes_too_long_is_told(expression: str, searched: bool) -> None:
    count = Steps.search if searched else Steps.fullmatch
    assert grows(re.compile(expression), count)


@pytest.mark.parametrize("expression", [r"\w+", r"a{1,500}b", r"<a{1,9}+b", r"^#+ .*$"])
def test_an_expression_that_takes_as_long_as_its_text_is_not(expression: str) -> None:
    assert grows(re.compile(expression, re.MULTILINE), Steps.search) is None


def test_no_expression_takes_more_than_linear_time() -> None:
    told = {
        where: attack
        for (_, _, searched), (where, pattern) in expressions().items()
        if where not in SHORT
        and (attack := grows(pattern, Steps.search if searched else Steps.fullmatch))
    }
    assert told == {}
