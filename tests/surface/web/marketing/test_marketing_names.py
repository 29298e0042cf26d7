"""What people read instead of codes: names in their own language, whoever laid things down, and what each check saw."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from reorder.domain.customers.models import Customer
from reorder.domain.marketing.content import change_template, list_versions
from reorder.flows.content.ready_made import lay_down
from reorder.flows.demo_shop.marketing import CAMPAIGN, open_marketing_desk
from reorder.kernel.clock import current_moment
from reorder.web.marketing.why.seen import say_seen
from tests.factories.placing import stock_up
from tests.factories.staff import sign_in


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.django_db(transaction=True)
def test_ready_made_things_are_called_in_the_readers_language_until_somebody_names_them(client: Client) -> None:
    stock_up(sku="OOLONG", units=40)
    open_marketing_desk(moment=current_moment())  # the shop speaks English
    change_template(code="birthday", name="Cake day", utm={}, category_codes=[], changed_by="ann")
    sign_in(client, role="owner", language="zh-hant")

    templates = text_of(client.get("/marketing/content/"))
    assert "快用完了" in templates
    assert "Running low" not in templates
    assert "Cake day" in templates
    assert "快用完了" in text_of(client.get("/marketing/journeys/replenishment/"))
    campaign = text_of(client.get(f"/marketing/campaigns/{CAMPAIGN}/"))
    assert "忠實顧客" in campaign
    assert "Loyal" not in campaign
    assert "忠實顧客" in text_of(client.get("/marketing/segments/"))
    tonight = text_of(client.get("/marketing/tonight/people?kind=journey&key=win-back"))
    assert "喚回顧客" in tonight
    assert "win-back" not in tonight


def test_checks_say_what_they_saw_in_words() -> None:
    def said(check: str, **seen: object) -> str:
        return say_seen(check=check, seen=seen)

    with translation.override("en"):
        assert said("consent", channels=["email", "sms"]) == "agreed to: e-mail, text message"
        assert said("suppression", channels=["email"], age_from=18) == "reaches them: e-mail; only from 18 years of age"
        assert said("pause", pauses=0) == "nothing is open"
        assert said("stock", missing=["OOLONG"], left=["ASSAM"]) == "not there: OOLONG; it names: ASSAM"
        assert said("cap", gives_way=[7, 9]) == "2 that are worth less give way"
        assert said("quiet_hours", waking=[8, 20], zone="Asia/Taipei") == "between 8:00 and 20:00 (Asia/Taipei)"
        best = said("best_hour", hour=16, is_own=True, at="2026-11-28T16:00:00+08:00")
        assert best == "2026-11-28 16:00; their own usual hour"
        assert said("channel", chosen="line", ranked=["line", "email"]) == "LINE; before e-mail"
        assert said("offer", ladder=["TEN", "FIVE"]) == "none of TEN, FIVE"
        assert said("holdout", of="global").startswith("belongs to those who get no marketing")
        assert [said("cap"), said("stock"), said("offer"), said("holdout"), said("later", seen="x")] == [""] * 5


@pytest.mark.django_db(transaction=True)
def test_a_preview_for_nobody_shows_no_sample_in_their_place(client: Client) -> None:
    mei = Customer.objects.create(key="shop:7", name="Mei Lin")
    Customer.objects.create(key="shop:8", name="Hua Lin")
    lay_down(laid_by="ann", moment=current_moment(), codes=("birthday",))
    sign_in(client, role="owner")
    version = list_versions(template_code="birthday", states=("live",))[0]
    address = f"/marketing/content/t/birthday/{version.number}/preview"
    fields = {**version.content}

    for typed in ("Nobody", "Lin"):
        assert f"is meant by “{typed}”" in text_of(client.post(address, {**fields, "customer": typed}))
    for typed in ("Mei Lin", "shop:7", str(mei.pk)):
        assert "is meant by" not in text_of(client.post(address, {**fields, "customer": typed}))
