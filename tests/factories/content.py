"""Templates and messages of a tea shop, as the outbox would have them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reorder.domain.marketing.content import NewVersion, VersionRow, create_template, let_go, save_draft
from reorder.domain.marketing.offers import NewOffer, OfferRow, create_offer
from tests.factories.pricing import terms

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
MAIL = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{customer.first_name|there}},</mj-text>
{{#items}}<mj-text>{{name}} {{#price}}{{price}}{{/price}}</mj-text>{{/items}}
{{#reorder_url}}<mj-button href="{{reorder_url}}">Reorder</mj-button>{{/reorder_url}}
{{#coupon}}<mj-text>{{words}}: {{code}}</mj-text>{{/coupon}}
<mj-text><a href="https://tea.example/brew?x=1&amp;y=2">Brewing</a> <a href="{{unsubscribe_url}}">No more</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A claimed message, as far as it is written out."""

    id: int = 7
    idempotency_key: str = "night-7"
    customer_id: int | None
    template_version_id: int | None
    channel: str = "email"
    source_key: str = "replenishment"
    step_key: str = "remind"
    variant: str = ""
    language: str = "en"
    variables: Mapping[str, Any] = field(default_factory=dict)
    dated_at: dt.datetime = NOON


def make_template(code: str = "tea", *, kind: str = "due", purpose: str = "marketing", **content: str) -> VersionRow:
    """A template with one live English mail, MAIL unless its fields are given."""
    create_template(code=code, name=code.capitalize(), kind=kind, purpose=purpose, created_by="Lin")
    return add_version(code, **(content or {"subject": "{{first.name}} again?", "mjml": MAIL}))


def add_version(
    code: str = "tea",
    *,
    channel: str = "email",
    language: str = "en",
    segment_code: str = "",
    variant: str = "",
    weight: int = 100,
    **content: str,
) -> VersionRow:
    """One more live version."""
    draft = save_draft(
        template_code=code,
        version=NewVersion(
            channel=channel,
            language=language,
            content=content,
            segment_code=segment_code,
            variant=variant,
            weight=weight,
        ),
        number=None,
        saved_by="Lin",
        moment=NOON,
    )
    return let_go(template_code=code, number=draft.number, approved_by="Mei", moment=NOON, is_another_needed=True)


def make_offer(code: str = "TEN", *, share: str = "0.1", **more: Any) -> OfferRow:
    """Ten percent off, for a week from when a code was given."""
    values = {"words": {"zh-hant": "九折"}, "valid_days": 7} | more
    terms_of = terms(code, share=Decimal(share), **values.pop("terms", {}))
    return create_offer(offer=NewOffer(code=code, terms=terms_of, **values), created_by="Lin")
