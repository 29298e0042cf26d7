"""A message that a journey, a campaign or a flow wants to go out: what the decision decides about. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PURPOSES: Final = ("marketing", "transactional")
STOCK_RULES: Final = ("hold", "substitute", "drop", "ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedMessage:
    """One message to one person, not yet decided about; equal keys are one message, however often it is wanted.

    Attributes:
        key: at most 64 characters, chosen by the source.
        purpose: marketing, or transactional (no consent, cap, holdout or quiet hours; pauses do not hold it).
        source_kind, source_key, step_key: journey, campaign, order …, its code, and the step in it.
        template_code: what it says; the template has a form for each channel that it can go by.
        channels: in the order that the source would like; the decision chooses.
        skus: goods that it is about, the most important first.
        stock_rule: what to do about goods that are not there: hold the message until they come, put others in their
            place, drop them from it, or ignore it.
        offers: codes of offers, a ladder from the least to the most generous; the decision takes one or none.
        variables: what the template may use besides the person and the goods; plain values.
        earliest_at, latest_at: when it may go; past `latest_at` it is worth nothing.
        value_minor: expected extra margin, minor units of the shop's currency.
        category_codes: of its goods and content, for rules about age and sensitive goods.
        reason_code, reason_parameters: what led to it; see engine/reasons.
        goes_at_once: within waking hours it goes as soon as it can, instead of at the person's best hour.
        approved_by: who let all messages of its source go already, where marketing waits for a person.
    """

    key: str
    customer_id: int
    purpose: str
    source_kind: str
    source_key: str
    template_code: str
    earliest_at: dt.datetime
    latest_at: dt.datetime
    reason_code: str
    step_key: str = ""
    channels: tuple[str, ...] = ("email",)
    skus: tuple[str, ...] = ()
    stock_rule: str = "hold"
    offers: tuple[str, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)
    value_minor: float = 0.0
    category_codes: tuple[str, ...] = ()
    reason_parameters: Mapping[str, object] = field(default_factory=dict)
    goes_at_once: bool = False
    approved_by: str = ""
