"""SIGKILL of the command, the worker and PostgreSQL in mid-work: nothing is doubled, nothing is lost.

Every shop here is a copy of one template whose last orders wait in the import folder. What an undisturbed shop has after
its night is what a disturbed one must have in the end. `REORDER_TEST_FULL=1` adds kills in every step, and at many random moments.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import sleep

import numpy as np
import polars as pl
import psycopg
import pytest

from tests.factories.books import Books, differences
from tests.factories.installation import Installation, installation
from tests.factories.killing import wait_until_forgotten, wait_until_somebody_stands
from tests.factories.shop import write_shop
from tests.factories.smtp import smtp_peer
from tests.factories.waiting import wait_until

# A worker that is silent for so long counts as dead; the ordinary half minute would only be waited for.
WORKER = {"REORDER_WORKER_TIMEOUT_SECONDS": "2"}
# Where each step of the night writes last; held here, it stands still in the middle of its transaction.
STATIONS = {
    "import_files": "orders_orderline",
    "count_statistics": "planning_pairstatistic",
    "value_customers": "planning_customervalue",
    "predict_due_dates": "planning_duedate",
    "forecast_demand": "planning_methodscore",
    "build_demand_plan": "planning_demandplanday",
    "set_stock_targets": "planning_target",
    "propose_purchases": "purchasing_proposal",
    "plan_reminders": "messaging_messagedecision",
}
KILLED_STEPS = (
    tuple(STATIONS) if os.environ.get("REORDER_TEST_FULL") else ("import_files", "forecast_demand", "plan_reminders")
)


@pytest.fixture(scope="module")
def new_shop() -> Iterator[Callable[[], Installation]]:
    """Makes shops with everything imported but the orders of the last three weeks, which lie in the import folder."""
    with ExitStack() as stack:
        template = stack.enter_context(installation())
        files = write_shop(folder=template.home / "files", customers=15, days=100)
        orders = pl.read_csv(files.orders, infer_schema=False)
        late = pl.col("ordered_at") >= "2026-11-02"
        orders.filter(~late).write_csv(files.orders)
        (template.home / "import").mkdir()
        orders.filter(late).write_csv(template.home / "import" / "november.csv")
        template.say("import", *files)

        def make() -> Installation:
            shop = stack.enter_context(installation())
            shop.copy_of(source=template)
            return shop

        yield make


@pytest.fixture(scope="module")
def undisturbed(new_shop: Callable[[], Installation]) -> Installation:
    """A shop whose night nobody disturbed."""
    shop = new_shop()
    shop.say("plan")
    return shop


@pytest.fixture(scope="module")
def expected(undisturbed: Installation) -> Books:
    books = undisturbed.books()
    assert {name for name, lines in books.items() if not lines} == set()
    return books


@pytest.fixture
def shop(new_shop: Callable[[], Installation]) -> Iterator[Installation]:
    made = new_shop()
    made.database.ensure_started()
    yield made
    made.database.stop()


@contextmanager
def held(*, shop: Installation, table: str) -> Iterator[None]:
    """Nobody gets at this table meanwhile."""
    connection = psycopg.connect(shop.database.url)
    try:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        # The server itself may be the one that was killed.
        with suppress(psycopg.OperationalError):
            connection.close()


def attempts(shop: Installation) -> dict[str, int]:
    return dict(shop.ask("SELECT name, attempts_count FROM planning_runstep ORDER BY ordinal"))


def stand_well(*, shop: Installation, expected: Books) -> None:
    assert differences(found=shop.books(), expected=expected) == {}
    assert shop.ask("SELECT count(*) FILTER (WHERE state = 'succeeded'), count(*) FROM planning_run") == [(1, 1)]
    shop.say("doctor")


def test_a_night_killed_in_its_steps_goes_on_at_that_step(shop: Installation, expected: Books) -> None:
    for table in (STATIONS[step] for step in KILLED_STEPS):
        with held(shop=shop, table=table):
            night = shop.start("plan")
            wait_until_somebody_stands(shop=shop, table=table)
            night.kill()
            night.wait()
        wait_until_forgotten(shop=shop)

    shop.say("plan")

    steps = (*STATIONS, "measure_effects", "note_facts", "recommend", "make_reports", "raise_alerts", "check_ledger")
    assert attempts(shop) == dict.fromkeys(steps, 1) | dict.fromkeys(KILLED_STEPS, 2)
    stand_well(shop=shop, expected=expected)


@pytest.mark.parametrize("step", ["import_files", "propose_purchases"])
def test_a_night_survives_the_death_of_postgresql(shop: Installation, expected: Books, step: str) -> None:
    with held(shop=shop, table=STATIONS[step]):
        night = shop.start("plan")
        wait_until_somebody_stands(shop=shop, table=STATIONS[step])
        pid = shop.database.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert night.wait(timeout=60) == 1
    said = (shop.home / "background.log").read_text()
    assert f"stopped at step “{step}”" in said
    assert "Mend the cause and run it again" in said

    shop.say("plan")

    assert attempts(shop)[step] == 2
    stand_well(shop=shop, expected=expected)


@pytest.mark.parametrize("step", ["import_files", "build_demand_plan"])
def test_a_night_of_a_killed_worker_is_finished_by_the_next_one(shop: Installation, expected: Books, step: str) -> None:
    with held(shop=shop, table=STATIONS[step]):
        worker = shop.start("work", **WORKER)
        # Alerts read the plan too: whoever stands there first, the night must have come to its step.
        at_work = f"SELECT 1 FROM planning_runstep WHERE name = '{step}'"
        wait_until(lambda: shop.ask(at_work) != [], what="the night to reach the step")
        wait_until_somebody_stands(shop=shop, table=STATIONS[step])
        worker.kill()
        worker.wait()
    silent = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - interval '2 seconds'"
    wait_until(lambda: shop.ask(silent) == [], what="the silence of the dead worker")

    worker = shop.start("work", **WORKER)
    wait_until(
        lambda: shop.ask("SELECT 1 FROM planning_run WHERE state = 'succeeded'") != [], what="the end of the night"
    )
    worker.terminate()
    assert worker.wait(timeout=60) == 0

    assert attempts(shop)[step] == 2
    stand_well(shop=shop, expected=expected)


def test_a_killed_import_counts_every_line_once(shop: Installation, expected: Books) -> None:
    file = shop.home / "import" / "november.csv"
    for table in ("channels_stagedorders", "customers_customer", "planning_dirtymark"):
        with held(shop=shop, table=table):
            importing = shop.start("import", file)
            wait_until_somebody_stands(shop=shop, table=table)
            importing.kill()
            importing.wait()
        wait_until_forgotten(shop=shop)

    shop.say("import", file)

    found = shop.books()
    for name in ("customers", "consents", "orders", "order lines", "moves", "levels"):
        assert differences(found=found, expected={name: expected[name]}) == {}


def test_a_letter_whose_sender_was_killed_is_parked_and_the_others_go_out_once(undisturbed: Installation) -> None:
    planned = [
        row[0] for row in undisturbed.ask("SELECT message_id FROM messaging_outboxmessage WHERE state = 'planned'")
    ]
    assert len(planned) >= 3  # one to lose, and others to go on with
    # Each goes out at its customer's hour: now is the last of these.
    ((sending,),) = undisturbed.ask("SELECT max(send_after)::text FROM messaging_outboxmessage WHERE state = 'planned'")
    with smtp_peer(after_content="hang") as mute:
        worker = undisturbed.start(
            "work", REORDER_CLOCK=sending, REORDER_MAIL_URL=f"smtp://127.0.0.1:{mute.port}", **WORKER
        )
        assert mute.has_content.wait(timeout=60)
        worker.kill()
        worker.wait()
    wait_until_forgotten(shop=undisturbed)

    with smtp_peer() as post:
        for _ in range(2):
            undisturbed.say("send", REORDER_CLOCK=sending, REORDER_MAIL_URL=post.url)

    (lost,) = mute.message_ids
    assert sorted(post.message_ids) == sorted(set(planned) - {lost})
    assert [row["message_id"] for row in undisturbed.read("outbox", "parked")] == [lost]
    assert undisturbed.run("doctor").returncode == 1


@pytest.mark.skipif(not os.environ.get("REORDER_TEST_FULL"), reason="many rounds: make test-full")
@pytest.mark.parametrize("victim", ["the command", "PostgreSQL", "the worker"])
@pytest.mark.parametrize("seed", range(5))
def test_kills_at_random_moments(shop: Installation, expected: Books, victim: str, seed: int) -> None:
    dice = np.random.default_rng(seed)
    for _ in range(4):
        night = shop.start("work" if victim == "the worker" else "plan", **WORKER)
        sleep(dice.uniform(0.5, 8.0))
        pid = shop.database.status().pid
        if victim == "PostgreSQL" and pid is not None:
            os.kill(pid, signal.SIGKILL)
        else:
            night.kill()
        night.wait(timeout=60)
        shop.database.ensure_started()
        wait_until_forgotten(shop=shop)

    if shop.ask("SELECT 1 FROM planning_run WHERE state = 'succeeded'") == []:
        shop.say("plan")

    assert differences(found=shop.books(), expected=expected) == {}
