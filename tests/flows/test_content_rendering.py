"""Messages written from templates: what stands in them, what keeps them back, what is marked and followed."""

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import DatabaseError, transaction

from reorder.domain.marketing.content import archive_template, get_version, set_weight
from reorder.domain.marketing.content_errors import BadTrackedLink, NotRenderable, NoVersion
from reorder.domain.marketing.content_library import Article, put_article, put_product_cards
from reorder.domain.marketing.content_models import TemplateVersion
from reorder.domain.marketing.offers import NewOffer, create_offer
from reorder.domain.messaging.operations import NewConsent, record_consents
from reorder.domain.orders.coupons import find_coupon
from reorder.flows.content import choose_version, list_channels_of, render_message, render_messages
from reorder.flows.content.links import read_followed
from reorder.flows.content.ready_made import lay_down, ready_made_codes
from reorder.flows.shop_links import read_cart_link, read_order_link
from tests.factories.catalog import make_product
from tests.factories.content import NOON, Message, add_version, make_template
from tests.factories.messaging import make_customer
from tests.factories.portal import open_portal
from tests.factories.pricing import make_order, terms

pytestmark = pytest.mark.django_db


def agree(customer, *, is_granted=True, at=NOON):
    record_consents(
        consents=[
            NewConsent(
                customer_id=customer.pk,
                purpose="analytics",
                is_granted=is_granted,
                source="preferences",
                declared_at=at,
                idempotency_key=f"{customer.key}-{at.isoformat()}",
            )
        ]
    )


def links_of(html):
    return [unescape(url) for url in re.findall(r'<a [^>]*?href="(.*?)"', html)]


def test_a_message_says_what_is_known_and_a_followed_one_leads_by_our_page(settings):
    open_portal(settings)
    mei = make_customer(name="Mei Lin")
    make_product()
    make_product(sku="MATCHA-30", price_minor=30_000)
    create_offer(
        offer=NewOffer(code="TEN", terms=terms("TEN"), words={"en": "10 % off"}, valid_days=7), created_by="Lin"
    )
    version = make_template()
    message = Message(
        customer_id=mei.pk,
        template_version_id=version.id,
        variables={"skus": ["OOLONG-150", "MATCHA-30"], "offer": "TEN"},
    )

    plain = render_message(message=message)

    assert plain.subject == "Oolong 150 g again?"
    assert "Hello Mei," in plain.text
    assert "Oolong 150 g NT$450" in plain.html
    code = re.search(r"10 % off: ([A-Z]{10})", plain.html)[1]
    cart, brewing, way_out = links_of(plain.html)
    offered = read_cart_link(mark=cart.split("/shop/again/")[1].split("/")[0], moment=NOON)
    assert (offered.customer_id, dict(offered.lines)) == (mei.pk, {"OOLONG-150": Decimal(1), "MATCHA-30": Decimal(1)})
    assert (offered.message_id, offered.coupon_code) == (7, code)
    assert brewing == (
        "https://tea.example/brew?x=1&y=2&utm_source=reorder&utm_medium=email&utm_campaign=replenishment&utm_content=remind"
    )
    assert way_out.startswith("https://tea.example/u/")
    assert "/l/" not in plain.html
    coupon = find_coupon(code=code)
    assert (coupon.customer_id, coupon.is_bound, coupon.expires_at) == (mei.pk, True, NOON + dt.timedelta(days=7))

    agree(mei)
    followed = render_message(message=message)

    cart, brewing, way_out = links_of(followed.html)
    assert f"10 % off: {code}" in followed.html  # the same message carries the same code
    assert read_followed(mark=brewing.split("/l/")[1]).url.startswith("https://tea.example/brew?x=1&y=2&utm_source=")
    assert read_followed(mark=brewing.split("/l/")[1]).message_id == 7
    assert "/l/" in cart
    assert way_out.startswith("https://tea.example/u/")
    assert followed.html.count(".gif") == 1
    for forged in (brewing.split("/l/")[1][:-1] + "A", "x", "", "eyJ1IjoiaHR0cHM6Ly9ldmlsLmV4YW1wbGUifQ:x:y"):
        with pytest.raises(BadTrackedLink):
            read_followed(mark=forged)

    agree(mei, is_granted=False, at=NOON + dt.timedelta(days=1))
    assert "/l/" not in render_message(message=message).html


def test_what_cannot_be_written_is_kept_back_with_its_reason_and_nothing_else_is():
    mei = make_customer(name="")
    make_product()
    version = make_template()
    good = {"customer_id": mei.pk, "template_version_id": version.id, "variables": {"skus": ["OOLONG-150"]}}
    messages = [
        Message(**good),
        Message(**(good | {"variables": {}})),
        Message(**(good | {"template_version_id": 99})),
        Message(**(good | {"customer_id": mei.pk + 99})),
        Message(**(good | {"variables": {"skus": ["OOLONG-150"], "offer": "NONE"}})),
    ]

    made = render_messages(messages=messages)

    assert "Hello there," in made[0].text
    assert all(isinstance(one, NotRenderable) for one in made[1:])
    assert [one.parameters["reason"] for one in made[1:]] == [
        "a variable has no value",
        "there is no version of the template",
        "there is no such customer",
        "the offer cannot be given",
    ]
    assert made[1].parameters["value"] == "first.name"
    with pytest.raises(NotRenderable):
        render_message(message=messages[1])


def test_language_then_segment_then_variant_choose_the_version_and_a_person_keeps_theirs():
    chinese = {"language": "zh-hant", "subject": "您好", "html": '<p><a href="{{unsubscribe_url}}">取消</a></p>'}
    english = {"subject": "Hello", "html": '<p><a href="{{unsubscribe_url}}">No more</a></p>'}
    make_template(**english)
    add_version(variant="b", weight=300, **english)
    add_version(segment_code="vip", **english)
    add_version(**chinese)
    add_version(channel="sms", text="Hello from {{shop.name}}")

    def chosen(customer_id, language="en", channel="email", segments=()):
        made = choose_version(
            template_code="tea", customer_id=customer_id, language=language, channel=channel, segment_codes=segments
        )
        return get_version(version_id=made.version_id)

    assert list_channels_of(template_code="tea") == {"email", "sms"}
    assert chosen(1, "zh-TW").content["subject"] == "您好"
    assert chosen(1, "fr", "sms").channel == "sms"
    assert {chosen(1, segments=("new", "vip")).segment_code for _ in range(3)} == {"vip"}
    drawn = [chosen(number).variant for number in range(200)]
    assert drawn == [chosen(number).variant for number in range(200)]
    assert 130 <= drawn.count("b") <= 170
    set_weight(template_code="tea", number=2, weight=0, changed_by="Lin")
    assert {chosen(number).variant for number in range(20)} == {""}
    with pytest.raises(NoVersion):
        chosen(1, channel="line")
    archive_template(code="tea", moment=NOON, changed_by="Lin")
    with pytest.raises(NoVersion):
        chosen(1)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        TemplateVersion.objects.filter(number=1).update(content={"subject": "Other"})


def test_the_ready_made_templates_are_written_for_a_customer_in_both_languages(settings):
    open_portal(settings)
    lin = make_customer(key="lin", name="林美玲", language="zh-hant")
    make_product()
    put_product_cards(
        cards=[("OOLONG-150", "https://tea.example/oolong", "https://tea.example/oolong.jpg")], moment=NOON
    )
    put_article(
        article=Article(
            code="brew",
            language="zh-hant",
            kind="how_to",
            title="烏龍茶怎麼泡",
            text="水溫 95 °C。",
            skus=("OOLONG-150",),
        ),
        written_by="Lin",
        moment=NOON,
    )

    assert lay_down(laid_by="Lin", moment=NOON) == list(ready_made_codes())
    assert lay_down(laid_by="Lin", moment=NOON) == []

    messages = []
    for code in ready_made_codes():
        for channel in list_channels_of(template_code=code):
            for language in ("en", "zh-hant"):
                made = choose_version(template_code=code, customer_id=lin.pk, language=language, channel=channel)
                messages.append(
                    Message(
                        customer_id=lin.pk,
                        template_version_id=made.version_id,
                        language=language,
                        channel=channel,
                        variables={"skus": ["OOLONG-150"], "fact": "searched", "subject": "烏龍"},
                    )
                )
    order = make_order(number="A-7", customer=lin)
    review = choose_version(template_code="review-request", customer_id=lin.pk, language="en", channel="email")
    asked = {"skus": ["OOLONG-150"], "fact": "delivered", "subject": "P-1", "order": {"number": "A-7"}}
    letter = Message(customer_id=lin.pk, template_version_id=review.version_id, variables=asked)
    (link,) = [one for one in links_of(render_message(message=letter).html) if "/shop/see/" in one]
    assert read_order_link(mark=link.split("/shop/see/")[1].split("/")[0], moment=NOON) == order.pk

    written = render_messages(messages=messages)

    assert len(written) == len(ready_made_codes()) * 6 * 2
    assert not [one for one in written if isinstance(one, NotRenderable)]
    by_key = dict(
        zip(
            [(get_version(version_id=m.template_version_id).template_code, m.channel, m.language) for m in messages],
            written,
            strict=True,
        )
    )
    how_to = by_key["how-to", "email", "zh-hant"]
    assert how_to.subject == "Oolong 150 g這樣用最好"
    assert "烏龍茶怎麼泡" in how_to.html
    assert 'src="https://tea.example/oolong.jpg"' in how_to.html
    assert '<html lang="zh-Hant"' in how_to.html
    assert by_key["search-left", "email", "zh-hant"].subject == "為您找到的商品：烏龍"
    assert by_key["replenishment", "web_push", "en"].payload["title"] == "Time for a refill?"
    assert "林美玲 您好：" in by_key["birthday", "email", "zh-hant"].text
