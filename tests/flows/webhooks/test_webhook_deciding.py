"""The pure part of webhooks: signatures by the published example, and what each answer leads to."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from reorder.flows.webhooks import deciding
from reorder.flows.webhooks.deciding import Answer, judge, outcome_of, quiet_until, read_retry_after
from reorder.flows.webhooks.kinds import KINDS, UnknownKind, require_kinds
from reorder.kernel import clock
from reorder.kernel.standard_webhooks import BadSecret, new_secret, require_secret, sign

NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
PAGE = Path(__file__).resolve().parents[3] / "docs/reference/webhooks.md"


def answered(status: int | None, **headers: str) -> Answer:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status=status, headers=given, excerpt="", error_parameters={})


# --- signing


def test_the_published_example_of_the_standard_is_signed_to_the_byte() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    message_id, timestamp = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    signature = sign(secrets=[secret], message_id=message_id, timestamp=timestamp, body=b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    other = sign(secrets=[secret], message_id=message_id, timestamp=timestamp, body=b'{"test":2432232314}')
    assert other == "v1,Vif40peJBP7Iyl0XGmu61n4MwdrcHov5CFREBpE0svs="


def test_two_secrets_give_two_signatures_with_a_blank_between() -> None:
    one, two = new_secret(), new_secret()
    both = sign(secrets=[one, two], message_id="m", timestamp=1, body=b"x")
    apart = [sign(secrets=[secret], message_id="m", timestamp=1, body=b"x") for secret in (one, two)]
    assert both == " ".join(apart)
    assert apart[0] != apart[1]


def test_a_new_secret_is_one_of_the_scheme() -> None:
    secret = new_secret()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert require_secret(secret=f" {secret}\n") == secret


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_YWJj", "secret", "whsec_" + "A" * 92, "whsec_é" + "A" * 40])
def test_what_is_no_secret_of_the_scheme_is_refused(text: str) -> None:
    with pytest.raises(BadSecret):
        require_secret(secret=text)


# --- answers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "ok"), (204, "ok"), (299, "ok"), (301, "refused"), (400, "refused"), (404, "refused"), (500, "refused"),
     (410, "gone"), (408, "down"), (429, "down"), (502, "down"), (503, "down"), (504, "down"), (None, "down")],
)  # fmt: skip
def test_what_a_status_means(status: int | None, outcome: str) -> None:
    assert outcome_of(status=status) == outcome


def test_waits_grow_from_seconds_to_a_day_within_a_fifth_either_way() -> None:
    for attempt, seconds in enumerate(deciding.WAITS_SECONDS, start=1):
        for jitter in (-1.0, 0.0, 1.0):
            decided = judge(answer=answered(500), attempt=attempt, jitter=jitter, moment=NOW)
            assert decided.next_attempt_at == NOW + dt.timedelta(seconds=seconds * (1 + 0.2 * jitter))
    assert judge(answer=answered(500), attempt=12, jitter=0, moment=NOW).state == "failed"
    assert sum(deciding.WAITS_SECONDS) > 3 * 86_400


def test_the_reference_has_the_table_of_waits_and_every_event() -> None:
    page = PAGE.read_text()
    rows = re.findall(r"^\| (\d{1,2}) \| ([^|]+) \|", page, flags=re.MULTILINE)
    units = {"s": 1, "min": 60, "h": 3600}
    told = [int(wait.split()[0]) * units[wait.split()[1]] for _, wait in rows[1:]]
    assert rows[0] == ("1", "at once")
    assert tuple(told) == deciding.WAITS_SECONDS
    assert set(re.findall(r"^\| `([a-z._]+)` \|", page, flags=re.MULTILINE)) == {*KINDS, "test"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("0", 0), (" 7 ", 7), ("Mon, 23 Nov 2026 01:31:00 GMT", 60), ("Mon, 23 Nov 2020 01:31:00 GMT", 0),
     ("99999999999999", 86_400), ("Mon, 23 Nov 2099 01:31:00 GMT", 86_400)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_date_and_at_most_a_day(text: str, seconds: int) -> None:
    assert read_retry_after(text=text, moment=NOW) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "²", "Mon, 99 Foo 2026"])
def test_nonsense_in_retry_after_is_not_heeded(text: str) -> None:
    assert read_retry_after(text=text, moment=NOW) is None


def test_an_endpoint_that_is_down_is_left_alone_longer_each_time_and_at_most_five_minutes() -> None:
    waits = [
        quiet_until(outcome="down", failures_in_row=number, retry_after=None, moment=NOW) for number in range(1, 9)
    ]
    assert [(one - NOW).total_seconds() for one in waits if one] == [5, 10, 20, 40, 80, 160, 300, 300]


def test_one_refused_message_does_not_hold_the_others_but_five_in_a_row_do() -> None:
    assert quiet_until(outcome="refused", failures_in_row=4, retry_after=None, moment=NOW) is None
    assert quiet_until(outcome="refused", failures_in_row=5, retry_after=None, moment=NOW) is not None


# --- kinds


def test_all_kinds_and_none_mean_all() -> None:
    assert require_kinds(kinds=KINDS) == ()
    assert require_kinds(kinds=["order.shipped", "order.placed", "order.placed"]) == ("order.placed", "order.shipped")
    with pytest.raises(UnknownKind):
        require_kinds(kinds=["test"])


def test_the_receiver_of_the_howto_believes_our_signatures_and_no_others() -> None:
    page = (PAGE.parents[1] / "howto/receive-webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.+?)```", page, flags=re.DOTALL)
    secret, older = new_secret(), new_secret()
    receiver: dict[str, Any] = {"__name__": "receiver"}
    exec(code, receiver)  # the page's own code
    receiver["SECRET"] = older
    stamp, body = int(clock.current_moment().timestamp()), '{"note":"烏龍 🍵"}'.encode()

    def headers(*secrets: str, at: int = stamp) -> dict[str, str]:
        signature = sign(secrets=secrets, message_id="msg_1", timestamp=at, body=body)
        return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}

    assert receiver["is_ours"](headers(secret, older), body) is True
    assert receiver["is_ours"](headers(secret), body) is False
    assert receiver["is_ours"](headers(older), body + b" ") is False
    assert receiver["is_ours"](headers(older, at=stamp - 400), body) is False
