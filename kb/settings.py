"""Settings: environment variables `KB_*` and a `.env` file, read when a caller asks."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AnonymousAccess(StrEnum):
    """What a visitor who has not signed in may do; each includes the ones before it."""

    NONE = "none"
    READ = "read"
    SUGGEST = "suggest"
    EDIT = "edit"


class Settings(BaseSettings):
    """What can be set from outside. Each description stands in the README's table."""

    model_config = SettingsConfigDict(env_prefix="KB_", env_file=".env", extra="ignore")

    data_dir: Path = Field(
        Path("kb-data"), description="folder of the database and the search index"
    )
    anonymous: AnonymousAccess = Field(
        AnonymousAccess.SUGGEST,
        description="what a visitor may do without signing in: `none`, `read`, `suggest`, `edit`",
    )
    public_url: str | None = Field(
        None,
        description="the address people use, where it differs from the one served on",
    )

    import_limit_mb: int = Field(
        1024, ge=1, description="how large the body of an import over HTTP may be, in MB"
    )

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "kb.sqlite3"

    @property
    def index_dir(self) -> Path:
        """The folder of the search index."""
        return self.data_dir / "index"
