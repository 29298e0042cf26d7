"""Every operation as every scope, as another token, and without one; walked by the published description."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client

from reorder.api.urls import openapi_text
from reorder.domain.staff import operations as staff
from reorder.domain.staff.models import ApiToken
from reorder.domain.staff.rules import SCOPE_ABILITIES, Ability
from reorder.kernel import clock
from tests.factories.api import Caller, call_as, make_secret

pytestmark = pytest.mark.django_db
DESCRIPTION: dict[str, Any] = json.loads(openapi_text())
OPERATIONS = [
    (method.upper(), path.removeprefix("/api/v1"), operation)
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]
# What each operation needs, said a second time: a slip in the code must not move the test along.
NEEDED = {
    "list_templates": Ability.VIEW_MARKETING,
    "get_template": Ability.VIEW_MARKETING,
    "post_template": Ability.EDIT_MARKETING,
    "post_template_version": Ability.EDIT_MARKETING,
    "get_template_preview": Ability.VIEW_MARKETING,
    "list_offers": Ability.VIEW_MARKETING,
    "post_offer_coupon": Ability.EDIT_MARKETING,
    "put_cards": Ability.EDIT_MARKETING,
    "list_effects": Ability.VIEW_MARKETING,
    "get_effect": Ability.VIEW_MARKETING,
    "get_effect_power": Ability.VIEW_MARKETING,
    "put_holdout": Ability.EDIT_MARKETING,
    "list_journeys": Ability.VIEW_MARKETING,
    "get_journey": Ability.VIEW_MARKETING,
    "put_journey": Ability.EDIT_MARKETING,
    "switch_journey": Ability.EDIT_MARKETING,
    "list_journey_people": Ability.VIEW_MARKETING,
    "get_journey_way": Ability.VIEW_MARKETING,
    "post_journey_facts": Ability.EDIT_MARKETING,
    "post_consent": Ability.EDIT_CUSTOMERS,
    "list_consents": Ability.VIEW_CUSTOMERS,
    "post_sign_up": Ability.EDIT_CUSTOMERS,
    "export_customer": Ability.ERASE_CUSTOMERS,
    "erase_customer": Ability.ERASE_CUSTOMERS,
    "get_parcel_rates": Ability.VIEW_ORDERS,
    "list_parcel_labels": Ability.VIEW_ORDERS,
    "post_parcel_label": Ability.FULFIL_ORDERS,
    "get_label": Ability.VIEW_ORDERS,
    "get_label_papers": Ability.FULFIL_ORDERS,
    "void_label": Ability.FULFIL_ORDERS,
    "list_rule_segments": Ability.VIEW_MARKETING,
    "get_rule_segment": Ability.VIEW_MARKETING,
    "post_segment": Ability.EDIT_MARKETING,
    "put_segment": Ability.EDIT_MARKETING,
    "delete_segment": Ability.EDIT_MARKETING,
    "list_segment_members": Ability.VIEW_CUSTOMERS,
    "post_segment_members": Ability.EDIT_MARKETING,
    "post_segment_preview": Ability.VIEW_MARKETING,
    "post_customer_tags": Ability.EDIT_CUSTOMERS,
    "get_customer_profile": Ability.VIEW_CUSTOMERS,
    "put_customer_profile": Ability.EDIT_CUSTOMERS,
    "list_counts": Ability.EDIT_STOCK,
    "post_count": Ability.EDIT_STOCK,
    "get_bin_labels": Ability.VIEW_STOCK,
    "list_orders": Ability.VIEW_ORDERS,
    "get_order": Ability.VIEW_ORDERS,
    "post_order": Ability.WRITE_ORDERS,
    "post_orders": Ability.WRITE_ORDERS,
    "cancel_order": Ability.WRITE_ORDERS,
    "edit_order": Ability.WRITE_ORDERS,
    "list_changed_orders": Ability.VIEW_ORDERS,
    "list_order_events": Ability.VIEW_ORDERS,
    "hold_order": Ability.MANAGE_ORDERS,
    "unhold_order": Ability.MANAGE_ORDERS,
    "release_order": Ability.MANAGE_ORDERS,
    "unrelease_order": Ability.MANAGE_ORDERS,
    "note_order": Ability.MANAGE_ORDERS,
    "list_payments": Ability.VIEW_ORDERS,
    "post_payment": Ability.DECIDE_PAYMENTS,
    "post_refund": Ability.DECIDE_PAYMENTS,
    "confirm_refund": Ability.DECIDE_PAYMENTS,
    "list_fulfilments": Ability.VIEW_ORDERS,
    "list_owners": Ability.VIEW_STOCK,
    "get_owner_statement": Ability.VIEW_STOCK,
    "list_cartons": Ability.VIEW_ORDERS,
    "get_carton": Ability.VIEW_ORDERS,
    "put_carton": Ability.EDIT_STOCK,
    "delete_carton": Ability.EDIT_STOCK,
    "get_packing": Ability.VIEW_ORDERS,
    "list_parcels": Ability.VIEW_ORDERS,
    "get_parcel": Ability.VIEW_ORDERS,
    "add_parcel_event": Ability.FULFIL_ORDERS,
    "get_fulfilment": Ability.VIEW_ORDERS,
    "list_wave_proposals": Ability.FULFIL_ORDERS,
    "list_waves": Ability.VIEW_ORDERS,
    "get_wave": Ability.VIEW_ORDERS,
    "get_pick_batch": Ability.VIEW_ORDERS,
    "create_wave": Ability.FULFIL_ORDERS,
    "release_wave": Ability.FULFIL_ORDERS,
    "cancel_wave": Ability.FULFIL_ORDERS,
    "pick_fulfilment": Ability.FULFIL_ORDERS,
    "pack_fulfilment": Ability.FULFIL_ORDERS,
    "ship_fulfilment": Ability.FULFIL_ORDERS,
    "deliver_fulfilment": Ability.FULFIL_ORDERS,
    "short_pick_fulfilment": Ability.FULFIL_ORDERS,
    "post_floor_scans": Ability.FULFIL_ORDERS,
    "get_floor_plan": Ability.FULFIL_ORDERS,
    "list_returns": Ability.VIEW_ORDERS,
    "get_return": Ability.VIEW_ORDERS,
    "post_return": Ability.MANAGE_ORDERS,
    "accept_return": Ability.MANAGE_ORDERS,
    "decline_return": Ability.MANAGE_ORDERS,
    "receive_return": Ability.FULFIL_ORDERS,
    "grade_return": Ability.FULFIL_ORDERS,
    "settle_return": Ability.DECIDE_PAYMENTS,
    "get_availability": Ability.VIEW_STOCK,
    "list_bins": Ability.VIEW_STOCK,
    "get_bin": Ability.VIEW_STOCK,
    "get_cart_holds": Ability.VIEW_ORDERS,
    "hold_cart": Ability.WRITE_ORDERS,
    "replace_cart_holds": Ability.WRITE_ORDERS,
    "release_cart": Ability.WRITE_ORDERS,
    "list_products": Ability.VIEW_PRODUCTS,
    "get_product": Ability.VIEW_PRODUCTS,
    "put_product": Ability.EDIT_PRODUCTS,
    "list_categories": Ability.VIEW_PRODUCTS,
    "change_category": Ability.EDIT_PRODUCTS,
    "list_also_bought": Ability.VIEW_PRODUCTS,
    "list_recommendations": Ability.VIEW_CUSTOMERS,
    "list_segments": Ability.VIEW_CUSTOMERS,
    "list_segment_moves": Ability.VIEW_CUSTOMERS,
    "get_prediction_quality": Ability.VIEW_CUSTOMERS,
    "get_reminder_budget": Ability.VIEW_MARKETING_MESSAGES,
    "put_reminder_budget": Ability.DECIDE_MARKETING_MESSAGES,
    "list_stock": Ability.VIEW_STOCK,
    "list_stock_moves": Ability.VIEW_STOCK,
    "post_adjustments": Ability.EDIT_STOCK,
    "post_counts": Ability.EDIT_STOCK,
    "list_signals": Ability.VIEW_DEMAND,
    "post_events": Ability.WRITE_EVENTS,
    "post_signals": Ability.ADJUST_DEMAND,
    "merge_customers": Ability.MERGE_CUSTOMERS,
    "list_customers": Ability.VIEW_CUSTOMERS,
    "get_customer": Ability.VIEW_CUSTOMERS,
    "list_due": Ability.VIEW_CUSTOMERS,
    "list_demand": Ability.VIEW_DEMAND,
    "list_commitments": Ability.VIEW_DEMAND,
    "post_commitment": Ability.ADJUST_DEMAND,
    "list_bundles": Ability.VIEW_PRODUCTS,
    "put_bundle": Ability.EDIT_PRODUCTS,
    "list_proposals": Ability.VIEW_BUYING,
    "approve_proposals": Ability.DECIDE_PROPOSALS,
    "dismiss_proposals": Ability.DECIDE_PROPOSALS,
    "list_alerts": Ability.VIEW_BUYING,
    "snooze_alerts": Ability.DECIDE_PROPOSALS,
    "list_purchase_orders": Ability.VIEW_BUYING,
    "get_purchase_order": Ability.VIEW_BUYING,
    "post_receipt": Ability.RECEIVE_GOODS,
    "post_acknowledgement": Ability.DECIDE_PROPOSALS,
    "post_x12_acknowledgement": Ability.DECIDE_PROPOSALS,
    "post_charge": Ability.DECIDE_PROPOSALS,
    "post_cancelled_lines": Ability.DECIDE_PROPOSALS,
    "list_supplier_scorecards": Ability.VIEW_BUYING,
    "list_exchange_rates": Ability.VIEW_BUYING,
    "post_exchange_rates": Ability.DECIDE_PROPOSALS,
    "release_purchase_order": Ability.DECIDE_PROPOSALS,
    "refuse_purchase_order": Ability.DECIDE_PROPOSALS,
    "get_product_units": Ability.VIEW_PRODUCTS,
    "put_product_units": Ability.EDIT_PRODUCTS,
    "list_runs": Ability.VIEW_RUNS,
    "get_run": Ability.VIEW_RUNS,
    "post_run": Ability.START_RUNS,
    "list_imports": Ability.IMPORT_FILES,
    "post_import": Ability.IMPORT_FILES,
    "get_import": Ability.IMPORT_FILES,
    "get_rejected_rows": Ability.IMPORT_FILES,
    "list_webhook_endpoints": Ability.VIEW_WEBHOOKS,
    "post_webhook_endpoint": Ability.MANAGE_WEBHOOKS,
    "get_webhook_endpoint": Ability.VIEW_WEBHOOKS,
    "get_webhook_secret": Ability.MANAGE_WEBHOOKS,
    "put_webhook_endpoint": Ability.MANAGE_WEBHOOKS,
    "delete_webhook_endpoint": Ability.MANAGE_WEBHOOKS,
    "pause_webhook_endpoint": Ability.MANAGE_WEBHOOKS,
    "resume_webhook_endpoint": Ability.MANAGE_WEBHOOKS,
    "rotate_webhook_secret": Ability.MANAGE_WEBHOOKS,
    "test_webhook_endpoint": Ability.MANAGE_WEBHOOKS,
    "list_webhook_deliveries": Ability.VIEW_WEBHOOKS,
    "get_webhook_delivery": Ability.VIEW_WEBHOOKS,
    "replay_webhook_delivery": Ability.MANAGE_WEBHOOKS,
    "replay_webhooks": Ability.MANAGE_WEBHOOKS,
}


def some_path(path: str) -> str:
    return re.sub(r"{\w+}", "1", path)


def test_every_operation_is_walked() -> None:
    assert sorted(operation["operationId"] for _, _, operation in OPERATIONS) == sorted(NEEDED)


@pytest.mark.parametrize("scope", SCOPE_ABILITIES)
def test_a_scope_opens_its_operations_and_no_other(scope: str) -> None:
    caller = call_as(scopes=[scope])
    for method, path, operation in OPERATIONS:
        answer = caller.send(method, some_path(path), body={} if method != "GET" else None)
        is_open = NEEDED[operation["operationId"]] in SCOPE_ABILITIES[scope]
        assert (answer.status == 403) is not is_open, (scope, operation["operationId"], answer.status)
        assert answer.status < 500
        assert is_open is ({"Bearer": [scope]} in operation["security"])
        if not is_open:
            assert answer.code == "staff.not_allowed"


def test_strangers_and_ended_tokens_get_in_nowhere() -> None:
    moment = clock.current_moment()
    revoked, expired = make_secret(name="revoked"), make_secret(name="expired")
    staff.revoke_token(token_id=ApiToken.objects.get(name="revoked").pk, moment=moment, revoked_by="tests")
    ApiToken.objects.filter(name="expired").update(expires_at=moment - dt.timedelta(seconds=1))
    for secret in ("", "reorder_nonsense", revoked, expired, "\x7fé", revoked + " "):
        caller = Caller(secret=secret)
        for method, path, _ in OPERATIONS:
            answer = caller.send(method, some_path(path), body={} if method != "GET" else None)
            assert (answer.status, answer.code) == (401, "api.no_valid_token")
            expected = 'Bearer realm="reorder"' + (', error="invalid_token"' if secret else "")
            assert answer.headers["WWW-Authenticate"] == expected


def test_other_schemes_are_no_token() -> None:
    secret = make_secret()
    for value in (f"Basic {secret}", secret, f"Bearer{secret}", "Bearer", "Bearer "):
        answer = Client().get("/api/v1/orders", headers={"Authorization": value})
        assert answer.status_code == 401


def test_a_session_of_a_signed_in_person_opens_nothing(client: Client) -> None:
    from tests.factories.staff import sign_in

    sign_in(client, role="owner")
    assert client.get("/api/v1/orders").status_code == 401


def test_a_token_is_noted_as_used_but_its_secret_is_nowhere() -> None:
    from django.db import connection

    secret = make_secret()
    with connection.execute_wrapper(_without(secret)):
        answer = Caller(secret=secret).get("/orders")
    assert answer.status == 200
    assert ApiToken.objects.get().last_used_at is not None
    assert secret not in json.dumps(answer.body) + str(answer.headers)


def _without(secret: str) -> Any:
    def check(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert secret not in sql
        assert secret not in repr(params)
        return execute(sql, params, many, context)

    return check


def test_requests_beyond_the_limit_wait_for_the_next_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:20+00:00")
    caller = Caller(secret=make_secret(requests_per_minute=3))
    assert [caller.get("/orders").status for _ in range(5)] == [200, 200, 200, 429, 429]
    answer = caller.get("/orders")
    assert (answer.code, answer.headers["Retry-After"]) == ("api.too_many_requests", "40")
    assert [answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] == ["3", "0", "40"]
    first = Caller(secret=make_secret(requests_per_minute=3)).get("/orders")
    assert [first.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] == ["3", "2", "40"]
    assert call_as().get("/orders").status == 200
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:31:00+00:00")
    assert caller.get("/orders").status == 200


def test_the_setting_limits_tokens_without_a_limit_of_their_own(settings: Any) -> None:
    from dataclasses import replace

    settings.REORDER = replace(settings.REORDER, api_requests_per_minute=1)
    caller = call_as()
    assert {caller.get("/orders").status for _ in range(3)} == {200, 429}
