"""The API's first version: its operations, how its faults become problems, and its OpenAPI description."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from reorder.api import (
    alerts,
    bins,
    bundles,
    cartons,
    carts,
    commitments,
    counts,
    customers,
    demand,
    due,
    effects,
    events,
    exchange_rates,
    floor,
    following,
    fulfilments,
    imports,
    journeys,
    labels,
    order_life,
    order_payments,
    ordering,
    owners,
    parcels,
    privacy,
    problems,
    products,
    proposals,
    purchase_orders,
    quality,
    recommendations,
    reminders,
    returns,
    runs,
    segment_rules,
    segments,
    signals,
    stock,
    templates,
    waves,
    webhooks,
)
from reorder.api.description import describe
from reorder.api.parsing import StrictParser
from reorder.kernel.errors import ReorderError

PREFIX: Final = "/api/v1"
VERSION: Final = "1"
_HANDLERS: Final[Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = {
    Exception: problems.answer_crash,
    SuspiciousOperation: problems.answer_suspicious,
    AuthenticationError: problems.answer_stranger,
    MultiPartParserError: problems.answer_malformed,
    UnreadablePostError: problems.answer_malformed,
    HttpError: problems.answer_unparsed,
    ValidationError: problems.answer_invalid,
    ReorderError: problems.answer_error,
}


class ReorderAPI(NinjaAPI):
    """Operations are named after their functions; nothing but a problem leaves it when something goes wrong."""

    def get_openapi_operation_id(self, operation: object) -> str:
        return str(operation.view_func.__name__)  # type: ignore[attr-defined]

    def set_default_exception_handlers(self) -> None:
        for kind, answer in _HANDLERS.items():
            self.add_exception_handler(kind, answer)


def make_api() -> ReorderAPI:
    """All operations under one roof."""
    made = ReorderAPI(title="Reorder", version=VERSION, openapi_url=None, docs_url=None, parser=StrictParser())
    for part in (
        order_life,
        order_payments,
        cartons,
        fulfilments,
        waves,
        parcels,
        returns,
        labels,
        floor,
        carts,
        events,
        ordering,
        # Before products: a SKU may hold slashes, so the longer address must be tried first.
        recommendations,
        products,
        stock,
        templates,
        bins,
        counts,
        owners,
        customers,
        privacy,
        segments,
        segment_rules,
        journeys,
        effects,
        due,
        quality,
        demand,
        commitments,
        bundles,
        signals,
        reminders,
        proposals,
        alerts,
        purchase_orders,
        following,
        exchange_rates,
        runs,
        imports,
        webhooks,
    ):
        made.add_router("", part.router)
    return made


api: Final = make_api()


def openapi() -> dict[str, object]:
    """The description that is published and committed."""
    return describe(api=api, prefix=PREFIX)
