"""The shop's service policy: chosen by people, kept for ever, refused where it cannot be."""

import pytest

from reorder.domain.planning import service_policies
from reorder.domain.planning.errors import BadServicePolicyChoice
from reorder.domain.planning.service_policies import ServicePolicyChoice
from reorder.domain.staff.models import AuditEntry


@pytest.mark.django_db
def test_the_latest_choice_counts_and_the_ones_before_stay() -> None:
    assert service_policies.find_service_policy() is None
    service_policies.set_service_policy(choice=ServicePolicyChoice(service_level=0.93), decided_by="Mei")
    service_policies.set_service_policy(
        choice=ServicePolicyChoice(kind="abc_xyz", service_level=0.95, class_levels={"AX": 0.99}, note=" season "),
        decided_by="Chen",
    )

    latest = service_policies.find_service_policy()

    assert latest is not None
    assert (latest.choice.kind, latest.choice.class_levels, latest.choice.note) == ("abc_xyz", {"AX": 0.99}, "season")
    assert [row.decided_by for row in service_policies.list_service_policies(limit=9)] == ["Chen", "Mei"]
    assert AuditEntry.objects.filter(action="planning.set_service_policy").count() == 2


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (ServicePolicyChoice(kind="magic", service_level=0.9), "no such kind"),
        (ServicePolicyChoice(service_level=1.0), "below 100 %"),
        (ServicePolicyChoice(service_level=0.9, class_levels={"AX": 0.0}), "below 100 %"),
        (ServicePolicyChoice(service_level=0.9, method="magic"), "no such method"),
        (ServicePolicyChoice(service_level=0.9, review_days=0), "review days"),
        (ServicePolicyChoice(service_level=0.9, holding_share_per_year=9.0), "keeping costs"),
        (ServicePolicyChoice(service_level=0.9, order_cost_minor=-1), "less than nothing"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_with_the_reason(choice: ServicePolicyChoice, reason: str) -> None:
    with pytest.raises(BadServicePolicyChoice, match=reason):
        service_policies.set_service_policy(choice=choice, decided_by="Mei")
