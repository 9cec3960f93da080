"""What detect-secrets knows of tokens; with requests, 5 MB that worker processes alone need."""

import re
from importlib import import_module
from typing import Protocol, cast


class Detector(Protocol):
    """What one of its plugins looks for."""

    secret_type: str
    denylist: tuple[re.Pattern[str], ...]


_DETECTORS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "mailchimp": "MailchimpDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
"""Modules of detect-secrets and their classes; npm's and OpenAI's take quadratic time."""

DETECTORS = tuple(
    cast("Detector", getattr(import_module(f"detect_secrets.plugins.{module}"), name)())
    for module, name in _DETECTORS.items()
)
"""Those of the tokens that can be told by their form."""
