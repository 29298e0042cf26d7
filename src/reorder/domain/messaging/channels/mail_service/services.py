"""How anymail calls each service's settings. Pure."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Service:
    """Names of the key and of the secret of its messages; `is_signed`: they are signed, else they carry a password."""

    key: str
    webhook_name: str = "webhook_secret"
    is_signed: bool = False


SERVICES: Final = {
    "amazon_ses": Service(key=""),
    "brevo": Service(key="api_key"),
    "mailersend": Service(key="api_token", webhook_name="signing_secret", is_signed=True),
    "mailgun": Service(key="api_key", webhook_name="webhook_signing_key", is_signed=True),
    "mailjet": Service(key="api_key"),
    "postmark": Service(key="server_token"),
    "resend": Service(key="api_key", webhook_name="signing_secret", is_signed=True),
    "sendgrid": Service(key="api_key", webhook_name="tracking_webhook_verification_key", is_signed=True),
    "sparkpost": Service(key="api_key"),
}
# By this name our Message-ID travels with a mail and comes back with what is told of it.
MARK: Final = "reorder"
