"""A few due dates to try things with: what one customer will need next, and who needs something soon."""

from reorder.domain.planning.models import DueDate


def list_due_skus(*, customer_id: int, limit: int) -> list[str]:
    """Subjects that this customer is expected to need, the soonest first; those of whole categories are left out."""
    due = DueDate.objects.filter(customer_id=customer_id, active_share__gte=0.3).exclude(
        subject__startswith="category:"
    )
    return list(due.order_by("-remind_hit_share", "subject").values_list("subject", flat=True)[:limit])


def list_soonest_customers(*, limit: int) -> list[int]:
    """Customers with the likeliest due dates, each once."""
    due = DueDate.objects.order_by("remind_date", "-remind_hit_share").values_list("customer_id", flat=True)
    return list(dict.fromkeys(due[: limit * 20]))[:limit]
