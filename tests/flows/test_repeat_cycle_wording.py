"""The words of a reminder, in both languages, and the hour at which they go out."""

import datetime as dt

import pytest

from reorder.engine.contact import is_held_out
from reorder.flows.repeat_cycle.timing import send_after
from reorder.flows.repeat_cycle.wording import ReminderItem, Words, language_of, write_reminder

SUNDAY = dt.date(2026, 11, 22)


def item(product: str = "Oolong 150 g", *, gap_days: int = 24, is_own_rhythm: bool = True) -> ReminderItem:
    return ReminderItem(
        sku="OOLONG-150",
        product=product,
        gap_days=gap_days,
        last_bought_date=dt.date(2026, 10, 30),
        is_own_rhythm=is_own_rhythm,
    )


def write(*items: ReminderItem, name: str = "Mei", language: str = "en") -> Words:
    return write_reminder(
        items=items, customer_name=name, language=language, shop_name="Keelung Tea", unsubscribe_mark="7:abc"
    )


def test_english_words() -> None:
    assert write(item()).body_text == (
        "Hello Mei,\n\nYou may soon need this again:\n\n"
        "* Oolong 150 g: you buy it about every 24 days, last on 2026-10-30.\n\n"
        "If you still have enough, there is nothing to do.\n\nKeelung Tea\n\n-- \n"
        "You get this mail because you agreed to news from Keelung Tea. To get no more of them, reply with this "
        "subject: unsubscribe 7:abc\n"
    )


def test_traditional_chinese_words() -> None:
    words = write(item("高山烏龍 150 g"), item("抹茶 30 g", is_own_rhythm=False), name="美玲", language="zh-hant")

    assert words.subject == "高山烏龍 150 g 與另外 1 項商品，是不是快用完了？"
    assert words.body_text == (
        "美玲 您好：\n\n您可能快要用完這些商品了：\n\n"
        "* 高山烏龍 150 g：您大約每 24 天購買一次，上次為 2026年10月30日。\n"
        "* 抹茶 30 g：通常約可用 24 天，您上次購買為 2026年10月30日。\n\n"
        "如果還夠用，不需要做任何事。\n\nKeelung Tea\n\n-- \n"
        "您收到這封信，是因為您同意接收 Keelung Tea 的消息。若不想再收到，請以此主旨回信：unsubscribe 7:abc\n"
    )
    assert '<html lang="zh-Hant">' in words.body_html


def test_names_cannot_break_out_of_line_or_markup() -> None:
    words = write(item("Tea\r\nBcc: all@example.org <b>bold</b>"), name="<script>")

    assert words.subject == "Running low on Tea Bcc: all@example.org <b>bold</b>?"
    assert "<script>" not in words.body_html
    assert "<b>" not in words.body_html


@pytest.mark.parametrize(
    ("customer", "shop", "expected"),
    [("zh-TW", "en", "zh-hant"), ("zh_Hant", "en", "zh-hant"), ("en-GB", "zh-hant", "en"), ("", "zh-hant", "zh-hant"),
     ("fr", "en", "en")],
)  # fmt: skip
def test_a_customer_is_written_to_in_their_language_where_we_write_it(customer: str, shop: str, expected: str) -> None:
    assert language_of(customer_language=customer, shop_language=shop) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T02:30", "2026-11-22T10:00"),  # the night: at the hour
        ("2026-11-22T15:07", "2026-11-22T15:07"),  # planned by hand in the afternoon: now
        ("2026-11-22T23:10", "2026-11-23T10:00"),  # too late to write to anybody: tomorrow
        ("2026-11-23T03:00", "2026-11-23T10:00"),  # a night that ended after midnight: still not before the hour
    ],
)
def test_reminders_go_out_by_day(now: str, expected: str) -> None:
    taipei = dt.timezone(dt.timedelta(hours=8))
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=taipei)

    made = send_after(as_of=SUNDAY, hour=10, time_zone="", shop_time_zone="Asia/Taipei", moment=moment)

    assert made.astimezone(taipei).replace(tzinfo=None) == dt.datetime.fromisoformat(expected)


def test_an_unknown_time_zone_is_the_shops() -> None:
    moment = dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)

    made = send_after(as_of=SUNDAY, hour=10, time_zone="Mars/Base", shop_time_zone="Asia/Taipei", moment=moment)

    assert made == dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)


def test_the_held_out_are_the_same_customers_every_night_and_more_when_the_share_grows() -> None:
    tenth = {one for one in range(10_000) if is_held_out(salt="reminders", customer_id=one, share=0.1)}
    fifth = {one for one in range(10_000) if is_held_out(salt="reminders", customer_id=one, share=0.2)}

    assert len(tenth) == 1008
    assert tenth == {one for one in range(10_000) if is_held_out(salt="reminders", customer_id=one, share=0.1)}
    assert tenth < fifth
    assert not any(is_held_out(salt="reminders", customer_id=one, share=0.0) for one in range(1000))
