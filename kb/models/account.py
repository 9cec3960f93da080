"""People, and the ways in which they prove who they are. Secrets are stored as hashes."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Person(SQLModel, table=True):
    """Somebody with a name and a role."""

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    role: str
    created_at: datetime


class SignInLink(SQLModel, table=True):
    """A one-time link; its row goes when it is used."""

    __tablename__ = "sign_in_link"

    secret_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    expires_at: datetime


class SignIn(SQLModel, table=True):
    """A browser's session, from signing in to signing out."""

    __tablename__ = "sign_in"

    secret_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    created_at: datetime
    expires_at: datetime


class ApiToken(SQLModel, table=True):
    """A program's credentials."""

    __tablename__ = "api_token"

    secret_hash: str = Field(primary_key=True)
    name: str = Field(unique=True)
    role: str
    created_at: datetime
