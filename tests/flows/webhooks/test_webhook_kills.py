"""SIGKILL of a worker in mid-conversation: the message is delivered all the same, under the same webhook-id."""

import datetime as dt
import signal
from collections.abc import Iterator

import pytest

from tests.factories.installation import CLOCK, Installation, installation
from tests.factories.receiver import Reply, receiving
from tests.factories.waiting import wait_until

SETTINGS = {"REORDER_OUTGOING_NETWORKS": "127.0.0.0/8", "REORDER_WORKER_TIMEOUT_SECONDS": "2"}


@pytest.fixture
def shop() -> Iterator[Installation]:
    with installation(**SETTINGS) as made:
        made.database.ensure_started()
        yield made


def test_a_message_survives_the_death_of_its_worker(shop: Installation) -> None:
    with receiving(Reply(hang_seconds=60)) as receiver:
        shop.say("webhooks", "add", receiver.url)
        shop.say("webhooks", "test", "1")
        worker = shop.start("work")
        wait_until(lambda: bool(receiver.heard), what="the first attempt")
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=30)
        (row,) = shop.read("webhooks", "deliveries")
        assert (row["state"], row["attempts"], row["status"]) == ("waiting", 1, None)

        # The claim ends by itself; the clock of these installations stands still, so the next worker starts later.
        later = (dt.datetime.fromisoformat(CLOCK) + dt.timedelta(minutes=2)).isoformat()
        second = shop.start("work", REORDER_CLOCK=later)
        wait_until(lambda: len(receiver.heard) > 1, what="the second attempt")
        wait_until(
            lambda: shop.read("webhooks", "deliveries")[0]["state"] == "delivered",
            what="the delivery",
            pause_seconds=0.3,
        )
        second.send_signal(signal.SIGTERM)
        second.wait(timeout=60)
    first, again = receiver.heard
    assert (first.message_id, first.body) == (again.message_id, again.body)
