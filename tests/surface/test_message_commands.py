"""The outbox from the terminal: who, what, why and when, and a person's decisions."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from django.conf import LazySettings
from typer.testing import CliRunner

from reorder.cli import messages
from reorder.domain.messaging import operations
from reorder.domain.messaging.errors import MessageNotInState, UnknownCustomer, UnknownMessage
from reorder.domain.messaging.queries import has_marketing_consent
from reorder.flows.repeat_cycle import plan_reminders
from tests.factories.catalog import make_product
from tests.factories.messaging import (
    MORNING,
    NIGHT,
    SUNDAY,
    give_address,
    letter,
    make_customer,
    make_due,
    make_reader,
    make_run,
    only_message,
)

pytestmark = pytest.mark.django_db(transaction=True)

Reorder = Callable[..., str]


@pytest.fixture
def reorder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reorder:
    settings.HOME = tmp_path
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0, mail_from="hello@tea.example")
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("REORDER_CLOCK", MORNING.isoformat())
    app = typer.Typer()
    messages.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


def remind_mei() -> int:
    make_product()
    run = make_run()
    make_due(run=run, customer=make_reader())
    make_due(run=run, customer=make_customer(key="ann", name="Ann"))
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)
    return only_message().pk


def test_the_list_says_who_what_why_and_when(reorder: Reorder) -> None:
    number = remind_mei()

    shown = reorder("outbox")

    lines = [line.strip() for line in shown.splitlines()]
    assert lines[0] == "planned: 1"
    title = lines.index(f"{number}  Running low on Oolong 150 g?")
    assert "Mei" in lines[title + 1]
    assert "2026-11-22 10:00" in lines[title + 1]
    assert lines[title + 2].startswith("Oolong 150 g: usually bought every 24 days, last on 2026-10-30; 40% likely")


def test_the_list_for_machines(reorder: Reorder) -> None:
    number = remind_mei()

    [row] = json.loads(reorder("outbox", "--json", "--state", "planned"))

    assert (row["id"], row["state"], row["reason_code"]) == (number, "planned", "reminder.planned")
    assert row["send_after"] == "2026-11-22 02:00:00+00:00"
    assert json.loads(reorder("outbox", "--json", "--state", "sent")) == []


def test_one_message_with_its_words(reorder: Reorder) -> None:
    number = remind_mei()

    shown = reorder("outbox", "show", str(number))

    assert "to: Mei <mei@example.org>" in shown
    assert "* Oolong 150 g: you buy it about every 24 days, last on 2026-10-30." in shown
    with pytest.raises(UnknownMessage, match="There is no message 999"):
        reorder("outbox", "show", "999")


def test_why_a_customer_got_no_reminder(reorder: Reorder) -> None:
    remind_mei()

    assert "No e-mail address is known that can be reached." in reorder("outbox", "why", "ann")
    with pytest.raises(UnknownCustomer, match="There is no customer nobody"):
        reorder("outbox", "why", "nobody")


def test_a_customer_is_found_by_e_mail_address_too(reorder: Reorder) -> None:
    remind_mei()

    assert "usually bought every 24 days" in " ".join(reorder("outbox", "why", "Mei@Example.org").split())


def test_a_state_that_does_not_exist_is_refused(reorder: Reorder) -> None:
    assert "'held_out'" in reorder("outbox", "--state", "held out")


def test_mail_that_cannot_go_out_says_where_to_look(reorder: Reorder, settings: LazySettings, tmp_path: Path) -> None:
    remind_mei()
    (tmp_path / "file").write_text("no folder")
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=f"folder:{tmp_path / 'file'}")

    shown = reorder("send")

    assert shown.startswith("Sent 0, refused 0, put off 1")
    assert "reorder doctor" in shown


def test_sending_writes_mail_into_the_folder_once(reorder: Reorder, tmp_path: Path) -> None:
    remind_mei()

    assert reorder("send").startswith("Sent 1, refused 0, put off 0, stopped 0, parked 0.")
    assert json.loads(reorder("send", "--json"))["sent_count"] == 0
    [file] = (tmp_path / "mail").iterdir()
    assert b"To: mei@example.org" in file.read_bytes()


def test_a_stopped_message_is_not_sent_and_cannot_be_stopped_twice(reorder: Reorder) -> None:
    number = remind_mei()

    reorder("outbox", "stop", str(number))

    assert reorder("send").startswith("Sent 0")
    with pytest.raises(MessageNotInState, match="is stopped; only a message that is planned can be stopped"):
        reorder("outbox", "stop", str(number))


def test_parked_mail_is_listed_and_decided_by_a_person(reorder: Reorder) -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader())])
    assert reorder("outbox", "parked").strip() == "Nothing is parked."
    operations.claim_next_message(moment=MORNING)
    operations.note_steps(begun=[only_message().pk], done={})
    operations.park_lost_messages(moment=MORNING)

    shown = reorder("outbox", "parked")

    assert "<letter-1@tea.example>" in shown
    assert "The sending process died while handing it over." in shown
    assert "under the same Message-ID" in reorder("outbox", "resolve", str(only_message().pk), "retry")
    assert reorder("send").startswith("Sent 1")


def test_unsubscribing_by_the_address_counts_for_everybody_behind_it(reorder: Reorder) -> None:
    mei, ann = make_reader(), make_reader(key="ann")
    give_address(customer=ann, address="mei@example.org")

    assert reorder("unsubscribe", "Mei@example.org").strip() == "ann, mei gets no more marketing mail."

    assert not has_marketing_consent(customer_id=mei.pk)
    assert not has_marketing_consent(customer_id=ann.pk)


def test_unsubscribing_by_key_or_by_the_mails_mark(reorder: Reorder) -> None:
    mei, ann = make_reader(), make_reader(key="ann")

    assert reorder("unsubscribe", "mei").strip() == "mei gets no more marketing mail."
    reorder("unsubscribe", operations.unsubscribe_token(customer_id=ann.pk))

    assert not has_marketing_consent(customer_id=mei.pk)
    assert not has_marketing_consent(customer_id=ann.pk)
