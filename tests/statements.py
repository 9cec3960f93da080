"""SQL made once for all tests: each opens engines of its own, which would make it anew."""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)


class OneDialect(SQLiteDialect_aiosqlite):
    """The dialect that kb's engines use. What one has compiled, all others take for theirs."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneDialect)

    def __hash__(self) -> int:
        return hash(OneDialect)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        event.listen(engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_COMPILED)


def compile_once() -> None:
    """Have the engines opened from now on share what their statements are compiled to."""
    registry.register("sqlite.aiosqlite", OneDialect.__module__, OneDialect.__name__)
