"""Channels of messages as people call them."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANNEL_WORDS: Final[Mapping[str, Promise]] = {
    "email": _("e-mail"),
    "web_push": _("browser"),
    "app_push": _("app"),
    "line": _("LINE"),
    "sms": _("text message"),
    "chat": _("chat"),
    "webhook": _("webhook"),
}
