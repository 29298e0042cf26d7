"""What a night concluded about customers, in rows that tests can count on."""

import datetime as dt

from reorder.domain.customers.models import Customer
from reorder.domain.planning.models import CustomerValue, DueDate, NextDue, Run, RunStep
from tests.factories.messaging import make_due

TODAY = dt.date(2026, 11, 22)
# 10:00 in Taipei.
NOW = "2026-11-22T02:00:00+00:00"


def value(
    *,
    run: Run,
    customer: Customer,
    segment: str = "loyal",
    expected_value: float = 1000.0,
    scores: tuple[int, int, int] = (4, 3, 5),
) -> CustomerValue:
    return CustomerValue.objects.create(
        run=run,
        customer=customer,
        recency_days=12.0,
        frequency=7,
        monetary=8400.0,
        r_score=scores[0],
        f_score=scores[1],
        m_score=scores[2],
        segment=segment,
        active_share=0.8,
        expected_orders=5.0,
        expected_value=expected_value,
        churn_share=0.2,
    )


def due(
    *,
    run: Run,
    customer: Customer,
    day: dt.date,
    subject: str = "OOLONG-150",
    evidence: str = "pair",
    reason_code: str = "repurchase.pair",
) -> DueDate:
    """A due date with a real band, as the customer's first one too."""
    made = make_due(run=run, customer=customer, subject=subject, remind_date=day, evidence=evidence)
    DueDate.objects.filter(pk=made.pk).update(
        due_p10_date=day - dt.timedelta(days=8),
        due_p25_date=day - dt.timedelta(days=3),
        due_p75_date=day + dt.timedelta(days=4),
        due_p90_date=day + dt.timedelta(days=12),
        reason_code=reason_code,
    )
    made.refresh_from_db()
    NextDue.objects.update_or_create(
        customer=customer,
        defaults={
            "run": run,
            **{
                name: getattr(made, name)
                for name in (
                    "subject",
                    "due_date",
                    "due_p10_date",
                    "due_p25_date",
                    "due_p75_date",
                    "due_p90_date",
                    "active_share",
                    "remind_date",
                    "remind_hit_share",
                    "evidence",
                )
            },
        },
    )
    return made


def finish_valuing(*, run: Run, segments: dict[str, int]) -> None:
    """The step of the night whose counts the tabs show."""
    RunStep.objects.create(
        run=run,
        name="value_customers",
        ordinal=1,
        state="succeeded",
        started_at=run.started_at,
        finished_at=run.started_at,
        details={"segments": segments},
    )
