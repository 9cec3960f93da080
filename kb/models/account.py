"""People, and the ways in which they prove who they are. Secrets are stored as hashes."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint


class Person(SQLModel, table=True):
    """Somebody with a name and a role.

    `issuer` and `subject` are what an OpenID Connect provider knows them by, which no other account
    is ever bound to.
    """

    __table_args__ = (UniqueConstraint("issuer", "subject", name="uq_person_identity"),)

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    role: str
    created_at: datetime
    password_hash: str | None = None
    issuer: str | None = None
    subject: str | None = None
    disabled_at: datetime | None = None


class SignInLink(SQLModel, table=True):
    """A one-time link; its row goes when it is used."""

    __tablename__ = "sign_in_link"

    secret_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    expires_at: datetime


class SignIn(SQLModel, table=True):
    """A browser's session, from signing in to signing out."""

    __tablename__ = "sign_in"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number never comes to mean another one

    id: int = Field(default=None, primary_key=True)
    secret_hash: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    method: str
    device: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class ApiToken(SQLModel, table=True):
    """A program's credentials: those of a person, or, without one, the program's own."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("person_id", "name", name="uq_api_token_name"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    secret_hash: str = Field(unique=True)
    name: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    role: str
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime


class Invitation(SQLModel, table=True):
    """A link by which somebody new may make an account; its row goes when it is used."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int = Field(default=None, primary_key=True)
    secret_hash: str = Field(unique=True)
    role: str
    invited_by_id: int | None = Field(default=None, foreign_key="person.id")
    """None where it was made on the command line."""
    created_at: datetime
    expires_at: datetime
