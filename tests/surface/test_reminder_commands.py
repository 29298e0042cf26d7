"""The reminder budget from the terminal."""

import dataclasses
import json
from collections.abc import Callable

import pytest
import typer
from django.conf import LazySettings
from typer.testing import CliRunner

from reorder.cli import reminders
from reorder.domain.planning.models import ReminderPolicy
from reorder.flows.repeat_cycle import BadBudget, plan_reminders
from tests.factories.catalog import make_product
from tests.factories.messaging import MORNING, NIGHT, SUNDAY, make_due, make_reader, make_run

pytestmark = pytest.mark.django_db(transaction=True)

Reorder = Callable[..., str]


@pytest.fixture
def reorder(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Reorder:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0)
    monkeypatch.setenv("REORDER_CLOCK", MORNING.isoformat())
    app = typer.Typer()
    reminders.register(app)
    app.command()(lambda: None)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return " ".join(result.output.split())

    return run


def night() -> None:
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    run = make_run()
    for number in range(10):
        make_due(run=run, customer=make_reader(key=f"reader-{number}"), hit_share=0.3 + number / 100)
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)


def test_the_table_shows_every_budget_and_what_it_rests_on(reorder: Reorder) -> None:
    night()

    said = reorder("reminders", "budget")

    assert "Nobody has chosen a budget yet" in said
    assert "budget pairs hit share messages extra orders extra margin kept back" in said
    assert "20% 2 38% 2 0.1 NT$23 0" in said
    assert "Extra orders at 10% more by a reminder (-10% to 30%), assumed." in said


def test_a_budget_is_chosen_and_shown(reorder: Reorder) -> None:
    said = reorder("reminders", "budget", "7.5%", "--by", "mei")

    assert "The best 7.5% of pairs are reminded, as mei chose on 2026-11-22 10:00." in said
    assert "What each budget would bring is counted by the next night: reorder plan" in said
    assert [(row.budget_share, row.decided_by) for row in ReminderPolicy.objects.all()] == [(0.075, "mei")]


def test_the_plan_can_be_read_by_a_machine(reorder: Reorder) -> None:
    night()

    document = json.loads(reorder("reminders", "budget", "--json"))

    assert document["budget_share"] == 1.0
    assert document["uplift"]["is_learned"] is False
    assert document["curve"]["pairs_count"] == 10
    assert document["curve"]["steps"][-1]["messages_count"] == 10


def test_what_is_no_share_is_refused(reorder: Reorder) -> None:
    with pytest.raises(reminders.BadShare):
        reorder("reminders", "budget", "many")
    with pytest.raises(BadBudget):
        reorder("reminders", "budget", "4")
    assert ReminderPolicy.objects.count() == 0
