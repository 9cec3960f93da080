"""Signing in through an OpenID Connect provider, with Authlib.

docs/decisions/0013-sign-in-provider.md says why so.
The authorization code flow with PKCE, state and nonce. What has to be remembered between its two
halves, an `Attempt`, stays with the browser: the server keeps nothing for strangers.
"""

import logging
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kb.accounts.signing_in import Identity
from kb.errors import KbError, NotSignedIn
from kb.settings import Settings

SECONDS = 10.0
"""How long the provider may take for each answer."""

SCOPE = "openid profile"

_log = logging.getLogger(__name__)


class ProviderFailed(KbError):
    """The sign-in provider did not answer, or not as the standard has it."""

    slug = "provider-failed"
    title = "The sign-in provider did not answer"
    status = 502
    when = "the OpenID Connect provider could not be reached, or what it said does not hold"
    remedy = "try again, or sign in another way; the server's log says what was wrong"


class NotVouchedFor(NotSignedIn):
    """The provider sent nobody back, or not to whom asked."""

    title = "You are not signed in"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What ties the answer of the provider to the browser that was sent there."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Callback:
    """What the provider has the browser bring back."""

    state: str
    code: str
    error: str


class Provider:
    """A client of one provider. What it says of itself is asked for once, when first needed."""

    def __init__(self, client: Any, host: str, failures: tuple[type[Exception], ...]) -> None:
        """Speak through Authlib's `client`, which raises `failures`."""
        self._client = client
        self._failures = failures
        self.host = host
        """What people know it by."""

    async def begin(self, redirect_uri: str) -> tuple[str, Attempt]:
        """Return where to send the browser, and what it is to remember.

        Raises:
            ProviderFailed: the provider cannot be reached.
        """
        made = await self._ask(self._client.create_authorization_url(redirect_uri))
        return made["url"], Attempt(made["state"], made["nonce"], made["code_verifier"])

    async def finish(
        self, redirect_uri: str, attempt: Attempt | None, callback: Callback
    ) -> Identity:
        """Return who has come back from the provider.

        Raises:
            NotVouchedFor: the attempt was not this browser's, or the provider vouches for nobody.
            ProviderFailed: the provider cannot be reached, or what it says does not hold.
        """
        if attempt is None or not secrets.compare_digest(
            attempt.state.encode(), callback.state.encode()
        ):
            raise NotVouchedFor("This browser did not ask for that sign-in. Begin again.")
        if callback.error or not callback.code:
            raise NotVouchedFor(f"{self.host} did not sign you in. Try again, or another way.")
        token = await self._ask(
            self._client.fetch_access_token(
                redirect_uri, code=callback.code, code_verifier=attempt.verifier
            )
        )
        claims = await self._ask(self._client.parse_id_token(token, nonce=attempt.nonce))
        if not claims or not claims.get("sub"):
            raise ProviderFailed(f"{self.host} did not say who you are. Try again.")
        return Identity(claims["iss"], str(claims["sub"]), await self._name(token, claims))

    async def _name(self, token: Any, claims: Any) -> str:
        """Return what the provider calls them, in the ID token or when asked; maybe nothing."""
        if "preferred_username" not in claims:
            metadata = await self._ask(self._client.load_server_metadata())
            if "userinfo_endpoint" in metadata:
                more = await self._ask(self._client.userinfo(token=token))
                # Of another subject, it must not be used (OpenID Connect Core, 5.3.2).
                claims = more if more.get("sub") == claims["sub"] else claims
        return str(claims.get("preferred_username") or claims.get("name") or "")

    async def _ask(self, answer: Any) -> Any:
        """Return the answer. Raises ProviderFailed, which says no more than whose fault it is."""
        try:
            return await answer
        except self._failures as error:
            _log.warning("The sign-in provider %s failed: %r", self.host, error)
            detail = f"{self.host} could not be asked who you are. Try again, or another way."
            raise ProviderFailed(detail) from error


def open_provider(settings: Settings) -> Provider | None:
    """Return the provider that is set, or None. Blocks: reads the system's certificates."""
    if not settings.oidc_discovery_url or not settings.oidc_client_secret:
        return None
    # Most servers have none, and importing these takes most of a second.
    import httpx2  # noqa: PLC0415
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415
    from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    client = OAuth().register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        server_metadata_url=settings.oidc_discovery_url,
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "timeout": SECONDS,
            "verify": httpx2.create_ssl_context(),
        },
    )
    # What is neither an answer nor JSON comes as a ValueError, what lacks an address as the other.
    failures = (httpx2.HTTPError, AuthlibBaseError, JoseError, ValueError, RuntimeError)
    return Provider(client, urlsplit(settings.oidc_discovery_url).netloc, failures)
