"""The page about the API knows every operation, scope and code."""

import json
import re
from pathlib import Path

import reorder.api.v1
import reorder.domain.catalog.errors
from reorder.api import problems
from reorder.api.urls import openapi_text
from reorder.domain.staff.rules import SCOPE_ABILITIES
from reorder.kernel.errors import ReorderError

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/api.md").read_text()
OWN = ("api.", "order_intake.", "stock_changes.", "catalog.")


def _below(kind: type[ReorderError]) -> set[type[ReorderError]]:
    return {kind}.union(*(_below(child) for child in kind.__subclasses__()))


def test_every_code_of_the_api_is_listed() -> None:
    assert reorder.api.v1.api.version == "1"
    codes = {error.code for error in _below(ReorderError) if error.code.startswith(OWN)}
    codes |= set(re.findall(r'code="(api\.\w+)"', Path(problems.__file__).read_text()))
    assert sorted(code for code in codes if f"| `{code}` |" not in PAGE) == []


def test_every_operation_and_scope_is_listed() -> None:
    paths = json.loads(openapi_text())["paths"]
    named = {
        f"| {method.upper()} | `{re.sub('{[a-z]+_id}', '{id}', path.removeprefix('/api/v1'))}"
        for path, methods in paths.items()
        for method in methods
    }
    assert sorted(operation for operation in named if operation not in PAGE) == []
    assert sorted(scope for scope in SCOPE_ABILITIES if f"| `{scope}` |" not in PAGE) == []
