"""Settings: environment variables `KB_*` and a `.env` file, read when a caller asks."""

from enum import StrEnum
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class AnonymousAccess(StrEnum):
    """What a visitor who has not signed in may do; each includes the ones before it."""

    NONE = "none"
    READ = "read"
    SUGGEST = "suggest"
    EDIT = "edit"


class NewcomerRole(StrEnum):
    """What somebody becomes whom a provider sends for the first time."""

    MEMBER = "member"
    MAINTAINER = "maintainer"


class EngineName(StrEnum):
    """What searches; tantivy is an extra."""

    WHOOSH = "whoosh"
    TANTIVY = "tantivy"


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

    allowed_hosts: str | None = Field(
        None,
        description="names the server answers to besides `localhost`, the machine's own, that of "
        "`KB_PUBLIC_URL`, and IP addresses: `kb.lan, *.example.org`",
    )
    trusted_proxies: str | None = Field(
        None,
        description="addresses or networks of the proxies whose `X-Forwarded-For` and "
        "`X-Forwarded-Proto` are believed: `127.0.0.1, 10.0.0.0/8`",
    )
    writes_per_hour: int = Field(
        1000, ge=0, description="how many changes a caller may make in an hour; 0 is no limit"
    )
    sign_ins_per_hour: int = Field(
        60,
        ge=0,
        description="how many attempts to sign in there may be in an hour from an address, and as "
        "one person; 0 is no limit",
    )
    searches_per_minute: int = Field(
        300,
        ge=0,
        description="how many searches a caller may make in a minute, but for somebody at the "
        "machine itself; 0 is no limit",
    )
    import_limit_mb: int = Field(
        1024, ge=1, description="how large the body of an import over HTTP may be, in MB"
    )
    search_engine: EngineName = Field(
        EngineName.WHOOSH,
        description="what searches: `whoosh`, `tantivy`; the latter for large knowledge bases, "
        "after `make tantivy`",
    )
    oidc_discovery_url: str | None = Field(
        None,
        description="lets people sign in through an OpenID Connect provider: the address of its "
        "`…/.well-known/openid-configuration`",
    )
    oidc_client_id: str | None = Field(
        None, description="what the provider knows this knowledge base as"
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="the secret that the provider has given for it"
    )
    oidc_role: NewcomerRole = Field(
        NewcomerRole.MEMBER,
        description="what those become whom the provider sends: `member`, `maintainer`",
    )

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("must be an address like https://kb.example.org")
        return value and value.rstrip("/")

    @field_validator("search_engine")
    @classmethod
    def _installed(cls, value: EngineName) -> EngineName:
        if find_spec(value) is None:
            raise ValueError(f"is {value}, which is not installed: `make {value}` installs it")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: str | None) -> str | None:
        for one in _parts(value):
            try:
                ip_network(one)
            except ValueError as error:
                raise ValueError(f"must be IP addresses or networks: {error}") from None
        return value

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        given = [self.oidc_discovery_url, self.oidc_client_id, self.oidc_client_secret]
        if any(given) and not all(given):
            raise ValueError(
                "KB_OIDC_DISCOVERY_URL, KB_OIDC_CLIENT_ID and KB_OIDC_CLIENT_SECRET go together: "
                "set all of them, or none"
            )
        return self

    @property
    def hosts(self) -> list[str]:
        """The names in `allowed_hosts`."""
        return _parts(self.allowed_hosts)

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks in `trusted_proxies`."""
        return _parts(self.trusted_proxies)

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "kb.sqlite3"

    @property
    def index_dir(self) -> Path:
        """The folder of the search index."""
        return self.data_dir / "index"


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
