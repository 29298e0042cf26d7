"""The answer to somebody who has just followed: for nothing, with the way to tie the account to the shop's customer."""

import datetime as dt
import logging
from urllib.parse import quote

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.messaging.channels import make_channel
from reorder.domain.messaging.channels.base import AccountValues, ToldWord
from reorder.domain.messaging.channels.line.channel import LineChannel
from reorder.flows.outbox.tools import channel_tools
from reorder.flows.shop_links import shop_address
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)


def greet(*, account: AccountValues, word: ToldWord, moment: dt.datetime) -> bool:
    """Answer a follower with the way to connect; False when that could not be, which harms nothing."""
    if account.provider != "line" or not word.reply_token:
        return False
    channel = make_channel(
        account=account, tools=channel_tools(way=account.code, now=lambda: moment, is_impatient=True)
    )
    if not isinstance(channel, LineChannel):
        return False
    try:
        token = channel.ask_link_token(user_id=word.address)
        with translation.override(settings.LANGUAGE_CODE):
            outcome = channel.greet(reply_token=word.reply_token, messages=[_message(token)])
    except ReorderError as fault:
        log.warning("a follower of channel account %s could not be greeted: %s", account.code, fault)
        return False
    return outcome is not None


def _message(token: str) -> dict[str, object]:
    shop = " ".join(settings.REORDER.shop_name.split())
    return {
        "type": "template",
        "altText": _("Connect with {shop}").format(shop=shop)[:400],
        "template": {
            "type": "buttons",
            "text": _("Welcome to {shop}. Connect your account to hear of your orders here.").format(shop=shop)[:160],
            "actions": [
                {
                    "type": "uri",
                    "label": _("Connect")[:20],
                    "uri": f"{shop_address()}/shop/line/?linkToken={quote(token, safe='')}",
                }
            ],
        },
    }
