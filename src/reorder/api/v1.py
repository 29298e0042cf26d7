"""The API's first version: its operations, how its faults become problems, and its OpenAPI description."""

from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from reorder.api import (
    customers,
    demand,
    due,
    imports,
    orders,
    problems,
    products,
    proposals,
    purchase_orders,
    runs,
    stock,
)
from reorder.api.description import describe
from reorder.api.parsing import StrictParser
from reorder.kernel.errors import ReorderError

PREFIX: Final = "/api/v1"
VERSION: Final = "1"


class ReorderAPI(NinjaAPI):
    """Operations are named after their functions; nothing but a problem leaves it when something goes wrong."""

    def get_openapi_operation_id(self, operation: object) -> str:
        return str(operation.view_func.__name__)  # type: ignore[attr-defined]

    def set_default_exception_handlers(self) -> None:
        self.add_exception_handler(Exception, problems.answer_crash)
        self.add_exception_handler(SuspiciousOperation, problems.answer_suspicious)
        self.add_exception_handler(AuthenticationError, problems.answer_stranger)
        for malformed in (MultiPartParserError, UnreadablePostError):
            self.add_exception_handler(malformed, problems.answer_malformed)
        self.add_exception_handler(HttpError, problems.answer_unparsed)
        self.add_exception_handler(ValidationError, problems.answer_invalid)
        self.add_exception_handler(ReorderError, problems.answer_error)


def make_api() -> ReorderAPI:
    """All operations under one roof."""
    made = ReorderAPI(title="Reorder", version=VERSION, openapi_url=None, docs_url=None, parser=StrictParser())
    for part in (orders, products, stock, customers, due, demand, proposals, purchase_orders, runs, imports):
        made.add_router("", part.router)
    return made


api: Final = make_api()


def openapi() -> dict[str, object]:
    """The description that is published and committed."""
    return describe(api=api, prefix=PREFIX)
