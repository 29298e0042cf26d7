"""A mail to oneself, to see with one's own eyes that mail goes out. It passes by the outbox and answers at once."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from reorder.domain.messaging.channels import Outcome, Outgoing, Result, open_impatient_channel
from reorder.domain.messaging.rules import message_id_of
from reorder.domain.staff.operations import record_audit


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial mail; `error` are the server's own words."""

    address: str
    is_delivered: bool
    error: str


def send_trial_mail(*, address: str, sent_by: str, moment: datetime) -> Trial:
    """Hand one short mail in the caller's language to the channel and tell what it answered. Raises MailNotReady."""
    options = settings.REORDER
    mail = Outgoing(
        message_id=message_id_of(key=f"trial-{secrets.token_hex(8)}", sender=options.mail_from),
        sender=options.mail_from,
        sender_name=options.shop_name,
        address=address,
        subject=_("Trial mail of {shop}").format(shop=options.shop_name),
        text=_("Mail of {shop} reaches you. {name} has asked for this trial under Setup, Mail.").format(
            shop=options.shop_name, name=sent_by
        ),
        dated=format_datetime(moment.astimezone(ZoneInfo(options.time_zone))),
    )
    with open_impatient_channel() as channel:
        outcome = channel.send(outgoing=mail)
    record_audit(actor=sent_by, action="messaging.send_trial", details={"result": outcome.result})
    return Trial(address=address, is_delivered=outcome.result is Result.DELIVERED, error=_error_of(outcome))


def _error_of(outcome: Outcome) -> str:
    return "" if outcome.result is Result.DELIVERED else outcome.error or outcome.code
