"""The weekly learning: stored whole or not at all, asked whether it may answer, due by age, and resumed."""

import datetime as dt

import pytest

from reorder.domain.planning import queries
from reorder.domain.planning.errors import RunFailed
from reorder.domain.planning.models import DueDate, LearnedModel
from reorder.flows.learning import is_learning_due, learn_when_due, run_learning
from reorder.flows.learning.steps import STEPS, Learning
from reorder.flows.nightly import NightReport, run_night
from reorder.flows.predictions import load_learned
from reorder.flows.stepping import Done, Step
from tests.factories.shop import AS_OF, NIGHT_AT
from tests.factories.statistics import CUSTOMER_STEPS

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NIGHT_AT + dt.timedelta(hours=1)


def learn(*, as_of: dt.date = AS_OF, moment: dt.datetime = LATER) -> None:
    run_learning(as_of=as_of, now=lambda: moment)


def test_the_first_night_learns_quickly_and_the_learning_is_due_at_once(first_night: NightReport) -> None:
    details = next(step.details for step in first_night.steps if step.name == "predict_due_dates")

    assert details["faults"] == [{"code": "none"}]
    assert load_learned(as_of=AS_OF).kind == "quick"
    assert is_learning_due(as_of=AS_OF, moment=LATER)


@pytest.mark.usefixtures("first_night")
def test_learning_stores_a_model_that_answers_and_predicts_everybody() -> None:
    report = learn_when_due(moment=LATER, now=lambda: LATER)

    assert report is not None
    assert [(step.name, step.state) for step in report.steps] == [(step.name, "succeeded") for step in STEPS]
    assert (report.run.kind, report.run.state) == ("learning", "succeeded")
    known = load_learned(as_of=AS_OF)
    assert (known.kind, known.faults) == ("repurchase", ())
    written = next(step.rows_written for step in report.steps if step.name == "predict_everybody")
    assert written == DueDate.objects.count() > 0
    assert not is_learning_due(as_of=AS_OF, moment=LATER)
    assert not is_learning_due(as_of=AS_OF + dt.timedelta(days=6), moment=LATER + dt.timedelta(days=6))
    assert is_learning_due(as_of=AS_OF + dt.timedelta(days=7), moment=LATER + dt.timedelta(days=7))


def test_nothing_is_learned_before_the_first_night() -> None:
    assert learn_when_due(moment=LATER, now=lambda: LATER) is None
    assert queries.find_latest_run(kind="learning") is None


@pytest.mark.usefixtures("first_night")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"content": b"torn"}, "damaged"),
        ({"version": 0}, "other_version"),
    ],
)
def test_a_model_that_is_damaged_or_of_another_version_is_passed_over_with_its_reason(
    change: dict[str, object], code: str
) -> None:
    learn()
    LearnedModel.objects.filter(kind="repurchase").update(**change)

    tomorrow = NIGHT_AT + dt.timedelta(days=1)
    report = run_night(as_of=AS_OF + dt.timedelta(days=1), now=lambda: tomorrow, steps=CUSTOMER_STEPS)

    details = next(step.details for step in report.steps if step.name == "predict_due_dates")
    assert details["faults"] == [{"code": code, "learned_date": AS_OF.isoformat()}]
    assert load_learned(as_of=AS_OF).kind == "quick"
    assert is_learning_due(as_of=AS_OF, moment=LATER)


@pytest.mark.usefixtures("first_night")
def test_a_model_older_than_two_weeks_is_too_old_to_answer() -> None:
    learn()
    late = AS_OF + dt.timedelta(days=15)

    known = load_learned(as_of=late)

    assert known.kind == ""
    assert [(fault.code, fault.learned_date) for fault in known.faults] == [("too_old", AS_OF), ("too_old", AS_OF)]


@pytest.mark.usefixtures("first_night")
def test_a_failed_learning_leaves_the_model_before_it_and_is_resumed_after_its_last_step() -> None:
    learn()
    old = load_learned(as_of=AS_OF)
    runs: list[int] = []

    def break_down(learning: Learning) -> Done:
        runs.append(learning.run_id)
        raise ValueError("out of tea")

    with pytest.raises(RunFailed, match="out of tea"):
        run_learning(as_of=AS_OF, now=lambda: LATER, steps=[Step("learn_repurchase", break_down)])

    assert load_learned(as_of=AS_OF) == old
    failed = queries.find_latest_run(kind="learning")
    assert failed is not None
    assert (failed.state, failed.error) == ("failed", "learn_repurchase: ValueError: out of tea")

    report = run_learning(as_of=AS_OF, now=lambda: LATER)
    assert [report.run.id] == runs
    assert report.steps[0].attempts_count == 2


@pytest.mark.usefixtures("first_night")
def test_a_failed_learning_waits_before_it_is_tried_again() -> None:
    def break_down(learning: Learning) -> Done:
        raise ValueError("out of tea")

    with pytest.raises(RunFailed):
        run_learning(as_of=AS_OF, now=lambda: LATER, steps=[Step("learn_repurchase", break_down)])

    assert not is_learning_due(as_of=AS_OF, moment=LATER + dt.timedelta(hours=5))
    assert is_learning_due(as_of=AS_OF, moment=LATER + dt.timedelta(hours=6))
