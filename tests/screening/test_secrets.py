"""What looks like a secret is found, whoever's format it is; what documentation makes up is not."""

import random
import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.screening.secrets import OVERLAP, WINDOW, secrets_in

DICE = random.Random(7)
UPPER = string.ascii_uppercase + string.digits
LETTERS = string.ascii_letters + string.digits


# Words that a made-up token has in it; chance hardly ever writes one.
PLACEHOLDER = re.compile(
    "(?i)example|sample|dummy|fake|your|redacted|secret|token|password|xxxx|1234|abcd|change"
)


def some(length: int, alphabet: str = LETTERS) -> str:
    return "".join(DICE.choices(alphabet, k=length))


# Made here, so that nobody's scanner takes this file for a leak.
SECRETS = {
    "AWS": "AKIA" + some(16, UPPER),
    "GitHub": "ghp_" + some(36),
    "GitHub, fine-grained": "github_pat_" + some(60),
    "GitLab": "glpat-" + some(20),
    "Slack": "xoxb-" + some(12, "123456789") + "-" + some(24).lower(),
    "Stripe": "sk_live_" + some(24),
    "Google": "AIza" + some(35),
    "Anthropic": "sk-ant-api03-" + some(60),
    "OpenAI": "sk-proj-" + some(60),
    "npm": "npm_" + some(36),
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + some(80),
    "SendGrid": "SG." + some(22) + "." + some(43),
    "Hugging Face": "hf_" + some(34),
    "kb": "kb_" + some(43),
    "JWT": "eyJ" + some(20) + ".eyJ" + some(40) + "." + some(43),
    "bearer": "Authorization: Bearer " + some(40),
}


def found(text: str) -> list[str]:
    return [one.message for one in secrets_in("problem", text)]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("around", ["{}", 'key = "{}"', "it said `{}`.", "export TOKEN={}\n"])
def test_a_secret_is_found_and_not_repeated(secret: str, around: str) -> None:
    messages = found(around.format(secret))

    assert messages
    assert all(secret[8:] not in message for message in messages)


@given(st.integers(0, 3 * WINDOW))
def test_a_secret_is_found_wherever_it_stands(position: int) -> None:
    assert found("x " * (position // 2) + SECRETS["AWS"] + " y" * OVERLAP)


def test_a_private_key_is_found_behind_its_fields() -> None:
    fields = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,6E4C\n\n"
    body = "MIIEpAIBAAKCAQEA7bq0Zs3Yv5Kf2Lw9Rm1Xj8Ht6Dg4Pc3Nb7Va5Se2Qu9Wy1Io"
    assert found(f"-----BEGIN RSA PRIVATE KEY-----\n{fields}{body}\n")


def test_a_private_key_is_found_and_its_header_alone_is_not() -> None:
    header = "-----BEGIN RSA PRIVATE KEY-----\n"
    assert found(header + some(64) + "\n" + some(64))
    assert not found(header + "...\n-----END RSA PRIVATE KEY-----")
    assert not found("ValueError: could not find BEGIN RSA PRIVATE KEY in the file")


def test_a_password_in_an_address_is_found_and_not_repeated() -> None:
    [message] = found("postgresql://shop:Tr0ub4dor9@db7.shop.io:5432/orders")
    assert "db7.shop.io" in message
    assert "Tr0ub4dor9" not in message


@pytest.mark.parametrize(
    "host",
    ["git.acme-payments.corp", "vault.prod.internal", "nas.lan", "10.20.30.40", "172.20.5.9"],
)
def test_a_private_host_is_found(host: str) -> None:
    assert found(f"curl -k https://{host}/login fails")


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "connect to localhost:5432, 127.0.0.1, 0.0.0.0, ::1 or example.com",
        "postgres://user:password@localhost/db",
        "postgresql+asyncpg://postgres:postgres@db:5432/app",
        "https://user:pass@example.com/",
        "https://${USER}:${TOKEN}@git.company.io/repo.git",
        "redis://:<password>@cache.company.io",
        "Authorization: Bearer <token>, Authorization: Bearer $TOKEN",
        "Authorization: Bearer xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        (
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0."
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        ),
        "host.docker.internal, metadata.google.internal, redis.default.svc.cluster.local",
        "docker network: 172.17.0.1, router 192.168.1.1, range 10.0.0.0/8, version 10.0.19041.1",
        "d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "TypeError: 'NoneType' object is not subscriptable at 0x7f3a2c1b4d90",
        "sha512-WZLiwShhwLRmeV6zH+GkbOFT6Z6VklCItrDioxUnv+u4Ll+8fKoiBOoZeOHKQrRBfVGxR4pMVwHW9t5Gh==",
    ],
)
def test_what_documentation_makes_up_is_no_secret(text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found(text)


@given(st.text(alphabet=LETTERS, min_size=36, max_size=36))
def test_any_github_token_is_found(body: str) -> None:
    assume(len(set(body)) > 12)
    assume(not PLACEHOLDER.search(body))
    assert found(f"ghp_{body}")
