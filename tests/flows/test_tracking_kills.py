"""SIGKILL of who drains, at every statement: what was answered is placed later, once."""

import os
import signal
from typing import Any

import pytest
from django.db import connection

from reorder.domain.behaviour import sources
from reorder.domain.behaviour.models import EventKey, InboxEvent, TrackedDay, TrackedEvent, Visitor
from reorder.flows.event_intake import Knock, drain_events, take_calls
from reorder.kernel import clock
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db(transaction=True)


class _Killer:
    """Kills its own process before the statement of this number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def drain_killed_before(number: int) -> bool:
    """Drain in a process of its own that dies before its statement of this number; False when it came to its end."""
    child = os.fork()
    if not child:
        # The parent's connection stays the parent's: not even a goodbye is sent over it.
        connection.connection = None
        with connection.execute_wrapper(_Killer(number)):
            drain_events(moment=clock.current_moment())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_what_was_answered_is_never_lost_and_never_doubled() -> None:
    make_product()
    moment = clock.current_moment()
    source, _secret = sources.make_source(
        code="web", name="Web", channel="web", origins=[], before_consent="events", created_by="owner", moment=moment
    )
    batch = ",".join(
        f'{{"type":"track","event":"Product Viewed","messageId":"m-{number}","anonymousId":"a-{number % 3}",'
        '"properties":{"sku":"OOLONG-150"}}'
        for number in range(30)
    )
    body = f'{{"batch":[{batch}]}}'.encode()
    # Sent twice, as a client does that heard no answer.
    for _ in range(2):
        assert take_calls(body=body, kind="batch", knock=Knock(write_key=source.write_key), moment=moment).rows_count

    kills = 0
    while drain_killed_before(kills):
        kills += 1
        assert InboxEvent.objects.count() in {0, 60}
        if not InboxEvent.objects.exists():
            break
        assert not TrackedEvent.objects.exists()
        assert not EventKey.objects.exists()
    assert kills > 8
    drain_events(moment=moment)

    assert TrackedEvent.objects.count() == TrackedEvent.objects.values("message_id").distinct().count() == 30
    assert Visitor.objects.count() == 3
    assert dict(TrackedDay.objects.values_list("what", "count")) == {"taken": 30, "duplicate": 30}
