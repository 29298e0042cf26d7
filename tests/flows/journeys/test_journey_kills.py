"""SIGKILL of whoever lets people go on, in each place where it writes and between two lots: each message once for each."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.installation import Installation, installation
from tests.factories.killing import wait_until_forgotten, wait_until_somebody_stands, writers_held
from tests.factories.waiting import wait_until

PEOPLE = 30
# Everybody that is asked for is a process of its own, born of one that has everything loaded already.
_NURSERY = """
import os, sys, time, traceback
import django; django.setup()
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys import stepping
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.rules import NewFact
from tests.factories.journeys import DAY, document, run_journey
from tests.factories.messaging import NIGHT, make_reader

def begin(people):
    lay_down(laid_by="ann", moment=NIGHT, codes=("cart-left",))
    ask = {"kind": "message", "template": "cart-left", "stock_rule": "ignore"}
    steps = {"ask": {**ask, "next": "day"}, "day": {"kind": "wait", "days": 1, "next": "again"}}
    run_journey(code="tea", given=document(facts=["carted"], steps={**steps, "again": {**ask, "next": None}}))
    readers = [make_reader(key=f"reader-{number}") for number in range(people)]
    note_facts(facts=[NewFact(kind="carted", customer_id=one.pk, happened_at=NIGHT, subject="A", key=f"carted:{one.pk}")
                      for one in readers])

def step(days):
    stepping.LOT = 5
    stepping.take_facts_and_step(moment=NIGHT + days * DAY)

def dawdle(days):
    # Long enough between two lots for whoever wants to kill it there.
    taken = stepping._step
    def step_and_rest(**options):
        done = taken(**options)
        time.sleep(0.4)
        return done
    stepping._step = step_and_rest
    step(days)

for line in sys.stdin:
    what, number = line.split()
    child = os.fork()
    if child == 0:
        try:
            {"begin": begin, "step": step, "dawdle": dawdle}[what](int(number))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
# Where it writes: who came in, the messages, and last the numbers of the page.
STATIONS = ("marketing_enrolment", "messaging_outboxmessage", "marketing_journeycount")


class Nursery:
    """Makes processes that may be killed."""

    def __init__(self, shop: Installation) -> None:
        self.hand = subprocess.Popen(
            [sys.executable, "-c", _NURSERY],
            env=shop.environment(
                DJANGO_SETTINGS_MODULE="reorder.config.settings",
                PYTHONPATH=str(Path.cwd()),
                REORDER_HOLDOUT_SHARE="0",
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, words: str) -> int:
        assert self.hand.stdin is not None
        self.hand.stdin.write(f"{words}\n")
        self.hand.stdin.flush()
        return self._read()

    def finish(self) -> int:
        return self._read()

    def run(self, words: str) -> None:
        self.start(words)
        assert self.finish() == 0, words

    def kill(self, child: int) -> int:
        os.kill(child, signal.SIGKILL)
        return self.finish()

    def _read(self) -> int:
        assert self.hand.stdout is not None
        return int(self.hand.stdout.readline())


@pytest.fixture(scope="module")
def shop() -> Iterator[Installation]:
    with installation() as made:
        made.database.ensure_started()
        yield made


@pytest.fixture
def nursery(shop: Installation) -> Iterator[Nursery]:
    made = Nursery(shop)
    yield made
    made.hand.communicate(timeout=30)


def messages(shop: Installation) -> dict[str, tuple[int, int]]:
    """Messages and people that have one, by the step that asked for them."""
    rows = shop.ask(
        "SELECT step_key, count(*), count(DISTINCT customer_id) FROM messaging_outboxmessage"
        " WHERE source_kind = 'journey' GROUP BY 1"
    )
    return {step: (count, people) for step, count, people in rows}


def test_whoever_is_killed_while_people_go_on_writes_to_each_once(shop: Installation, nursery: Nursery) -> None:
    nursery.run(f"begin {PEOPLE}")

    for table in STATIONS:
        before = messages(shop)
        with writers_held(shop=shop, table=table):
            victim = nursery.start("step 0")
            wait_until_somebody_stands(shop=shop, table=table)
            assert nursery.kill(victim) == -signal.SIGKILL
        wait_until_forgotten(shop=shop)
        # A lot that was not finished has never been.
        assert messages(shop) == before, table

    for day, step in ((0, "ask"), (1, "again")):
        # In the middle: some lots are through, others have not begun.
        victim = nursery.start(f"dawdle {day}")
        wait_until(lambda step=step: messages(shop).get(step, (0, 0))[0] > 0, what="the first lot", pause_seconds=0.01)
        assert nursery.kill(victim) == -signal.SIGKILL
        wait_until_forgotten(shop=shop)
        written, people = messages(shop)[step]
        assert 0 < written == people < PEOPLE
        for _ in range(2):
            nursery.run(f"step {day}")
        assert messages(shop)[step] == (PEOPLE, PEOPLE)

    assert messages(shop) == {"ask": (PEOPLE, PEOPLE), "again": (PEOPLE, PEOPLE)}
    assert shop.ask("SELECT state, count(*) FROM marketing_enrolment GROUP BY 1") == [("done", PEOPLE)]
    taken = shop.ask("SELECT step_key, code, count FROM marketing_journeycount ORDER BY 1, 2")
    assert taken == [
        ("", "done", PEOPLE), ("again", "planned", PEOPLE), ("ask", "entered", PEOPLE), ("ask", "planned", PEOPLE),
        ("day", "waiting", PEOPLE), ("day", "went_on", PEOPLE),
    ]  # fmt: skip
