"""Digests: who is told what, when, in which language, by mail and by LINE over a real connection."""

import dataclasses
import datetime as dt

import pytest
from django.conf import LazySettings

from reorder.domain.messaging.channels.line_push import cut_text
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.planning import alert_people
from reorder.domain.planning.alert_people import Subscription
from reorder.domain.planning.errors import BadSubscription
from reorder.domain.planning.models import Alert, AlertDigest
from reorder.domain.staff.models import User
from reorder.flows import alerting as flow
from reorder.flows.outbox import send_due_messages
from tests.factories.inventory import KEELUNG
from tests.factories.purchasing import MONDAY_MORNING
from tests.factories.smtp import smtp_peer
from tests.factories.staff import make_person
from tests.flows.alerting.conftest import Line

pytestmark = pytest.mark.django_db(transaction=True)
LINE_ID = "U" + "0123456789abcdef" * 2
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def shop(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER, shop_name="Keelung Tea", public_url="https://reorder.example", mail_from="shop@tea.example"
    )


def listen(name: str = "mei", *, role: str = "buyer", language: str = "en", email: str = "", **wants: object) -> int:
    person = make_person(role=role, name=name, language=language)
    User.objects.filter(pk=person.id).update(email=email)
    alert_people.save_subscription(
        user_id=person.id,
        wants=Subscription(**wants),  # type: ignore[arg-type]
        has_address=bool(email),
        moment=MONDAY_MORNING - 24 * HOUR,
    )
    return person.id


def alert(*, number: int = 1, severity: int = 3, at: dt.datetime = MONDAY_MORNING, kind: str = "runs_out") -> Alert:
    return Alert.objects.create(
        kind=kind,
        key=f"TEA-{number}|{KEELUNG}",
        subject=f"TEA-{number}",
        place_code=KEELUNG,
        severity=severity,
        stake_minor=120_000,
        currency="TWD",
        reason_code="alert.runs_out.none",
        reason_parameters={"percent": "93", "free": "5", "expected": "12", "until_date": "2026-11-29"},
        first_seen_at=at,
        last_seen_at=at,
        critical_at=at if severity == 3 else None,
    )


def test_a_critical_alert_reaches_its_listener_by_line_at_once_with_the_token_and_a_retry_key(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()

    told = flow.send_alerts(moment=MONDAY_MORNING + MINUTE)

    assert (told.planned_count, told.sent_count) == (1, 1)
    ((headers, body),) = line.requests
    assert headers["authorization"] == "Bearer tok"
    assert body["to"] == LINE_ID
    assert headers["x-line-retry-key"] == str(AlertDigest.objects.get().retry_key)
    (text,) = line.texts
    assert text == (
        "Keelung Tea: 1 critical alert – TEA-1\n\nHello mei,\n\n[critical] runs out: TEA-1 (TEA-1), KEELUNG\n"
        "93% likely to run out before 2026-11-29, when goods ordered next would come: 5 units are free, 12 are expected "
        "to be wanted until then, none is on order. At stake: NT$1,200.\n\n"
        "Decide here: https://reorder.example/alerts/\n"
        "You get this because you asked for it; change that here: https://reorder.example/me/alerts/\n"
    )


def test_nothing_is_told_twice_and_nothing_without_news(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True, daily_hour=9)
    assert flow.send_alerts(moment=MONDAY_MORNING).planned_count == 0
    alert(at=MONDAY_MORNING + MINUTE)
    flow.send_alerts(moment=MONDAY_MORNING + 2 * MINUTE)
    flow.send_alerts(moment=MONDAY_MORNING + 90 * MINUTE)
    assert len(line.requests) == 1


def test_within_the_holdoff_what_comes_is_collected_into_one_message(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert(number=1)
    flow.send_alerts(moment=MONDAY_MORNING + MINUTE)
    alert(number=2, at=MONDAY_MORNING + 5 * MINUTE)
    alert(number=3, at=MONDAY_MORNING + 9 * MINUTE)
    assert flow.send_alerts(moment=MONDAY_MORNING + 10 * MINUTE).planned_count == 0

    flow.send_alerts(moment=MONDAY_MORNING + 31 * MINUTE)

    assert [text.splitlines()[0] for text in line.texts] == [
        "Keelung Tea: 1 critical alert – TEA-1",
        "Keelung Tea: 2 critical alerts",
    ]


def test_the_daily_digest_goes_out_at_the_persons_hour_by_mail_in_their_language(settings: LazySettings) -> None:
    listen(language="en", email="mei@tea.example", by_mail=True, daily_hour=10)
    # Sunday at ten there is nothing to tell; now it is Monday, 09:30 in Taipei.
    assert flow.send_alerts(moment=MONDAY_MORNING - 23 * HOUR).planned_count == 0
    alert(severity=2)
    assert flow.send_alerts(moment=MONDAY_MORNING).planned_count == 0
    assert flow.send_alerts(moment=MONDAY_MORNING + 31 * MINUTE).planned_count == 1
    assert flow.send_alerts(moment=MONDAY_MORNING + 3 * HOUR).planned_count == 0

    with smtp_peer() as peer:
        settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=peer.url)
        send_due_messages(moment=MONDAY_MORNING + HOUR)
    message = OutboxMessage.objects.get()
    assert (message.purpose, message.state, message.address) == ("staff", "sent", "mei@tea.example")
    assert message.subject == "Keelung Tea: 1 new alert – TEA-1"
    assert message.reason_code == "alert.digest.daily"
    assert peer.arrived[0]["To"] == "mei@tea.example"


def test_people_hear_of_their_own_places_and_kinds_only(line: Line) -> None:
    person = make_person(role="warehouse", name="li", places=["KAOHSIUNG"])
    wants = Subscription(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert_people.save_subscription(user_id=person.id, wants=wants, has_address=False, moment=MONDAY_MORNING - HOUR)
    listen("support", role="support", by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    flow.send_alerts(moment=MONDAY_MORNING + MINUTE)
    assert line.requests == []


def test_what_is_put_off_is_not_told_until_it_comes_back(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    one = alert()
    Alert.objects.filter(pk=one.pk).update(snoozed_until=MONDAY_MORNING + 5 * HOUR)
    flow.send_alerts(moment=MONDAY_MORNING + MINUTE)
    assert line.requests == []
    flow.send_alerts(moment=MONDAY_MORNING + 5 * HOUR + MINUTE)
    assert len(line.requests) == 1


def test_a_lost_answer_is_asked_again_under_the_same_key_and_known_keys_count_as_sent(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    line.answers = [0, 409]
    first = flow.send_alerts(moment=MONDAY_MORNING + MINUTE)
    second = flow.send_alerts(moment=MONDAY_MORNING + 3 * MINUTE)

    assert (first.put_off_count, second.sent_count) == (1, 1)
    assert len(set(line.retry_keys)) == 1
    assert AlertDigest.objects.get().state == "sent"


def test_a_server_that_is_down_is_asked_with_growing_waits_and_then_the_digest_is_parked(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    line.answers = [500] * 6
    moment = MONDAY_MORNING + MINUTE
    for wait in (MINUTE, *alert_people.RETRY_WAITS):
        flow.send_alerts(moment=moment)
        moment += wait + MINUTE if wait in alert_people.RETRY_WAITS else dt.timedelta()
    while AlertDigest.objects.get().state == "planned":
        moment = AlertDigest.objects.get().send_after
        flow.send_alerts(moment=moment)

    digest = AlertDigest.objects.get()
    assert (digest.state, digest.attempts_count) == ("failed", 6)
    assert digest.error.startswith("500 ")
    assert len(set(line.retry_keys)) == 1


def test_what_nobody_sent_within_a_day_is_parked_and_not_sent_by_itself(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    line.answers = [500]
    flow.send_alerts(moment=MONDAY_MORNING + MINUTE)

    later = flow.send_alerts(moment=MONDAY_MORNING + 25 * HOUR)

    assert (later.failed_count, len(line.requests)) == (1, 1)
    digest = AlertDigest.objects.get()
    assert (digest.state, digest.error) == ("failed", "not sent within a day")


def test_a_refused_token_parks_the_digest_at_once_and_a_person_sends_it_again_under_a_new_key(line: Line) -> None:
    user_id = listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    line.answers = [401]
    assert flow.send_alerts(moment=MONDAY_MORNING + MINUTE).failed_count == 1
    digest = AlertDigest.objects.get()
    assert alert_people.count_failed_pushes(since=MONDAY_MORNING) == 1

    assert not flow.push_again(digest_id=digest.pk, user_id=user_id + 1, decided_by="x", moment=MONDAY_MORNING)
    assert flow.push_again(digest_id=digest.pk, user_id=user_id, decided_by="mei", moment=MONDAY_MORNING + HOUR)
    assert flow.send_alerts(moment=MONDAY_MORNING + HOUR).sent_count == 1
    assert len(set(line.retry_keys)) == 2


def test_an_answer_that_cannot_be_read_still_says_that_the_message_was_taken(line: Line) -> None:
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    line.answers = [299]
    assert flow.send_alerts(moment=MONDAY_MORNING + MINUTE).sent_count == 1


def test_without_a_token_nothing_is_sent_and_the_reason_is_shown(line: Line, settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, line_token="")
    listen(by_line=True, line_user_id=LINE_ID, is_urgent=True)
    alert()
    assert flow.send_alerts(moment=MONDAY_MORNING + MINUTE).failed_count == 1
    assert AlertDigest.objects.get().error == "REORDER_LINE_TOKEN is empty"
    assert line.requests == []


@pytest.mark.parametrize(
    ("wants", "reason"),
    [
        ({"by_line": True, "is_urgent": True}, "give your LINE user id"),
        ({"by_line": True, "line_user_id": "mei"}, "a LINE user id is a U and 32 letters and digits"),
        ({"by_mail": True}, "your account has no e-mail address"),
        ({"daily_hour": 9}, "choose at least one way"),
        ({"daily_hour": 24}, "an hour lies between 0 and 23"),
    ],
)
def test_a_choice_that_reaches_nobody_is_refused(wants: dict[str, object], reason: str) -> None:
    with pytest.raises(BadSubscription, match=reason):
        listen(**wants)


def test_a_text_longer_than_line_takes_is_cut_and_no_sign_in_half() -> None:
    assert cut_text(text="茶" * 5000) == "茶" * 5000
    cut = cut_text(text="🍵" * 2600)
    assert cut == "🍵" * 2499 + "…"
