"""How a JSON body is read: as JSON, strictly, or not at all."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from reorder.api.problems import BadJson, BrokenJson, UnsupportedMediaType


class StrictParser(Parser):
    """Refuses other media types, NaN and Infinity, names that occur twice, and what is nested too deeply."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise UnsupportedMediaType(expected="application/json")
        try:
            return json.loads(request.body, parse_constant=_refuse_constant, object_pairs_hook=_without_doubles)
        except UnicodeDecodeError:
            raise BadJson(reason="it is not UTF-8") from None
        except json.JSONDecodeError as fault:
            raise BrokenJson(line=fault.lineno, column=fault.colno) from None
        except RecursionError:
            raise BadJson(reason="it is nested too deeply") from None
        except ValueError:
            # A whole number of more than 4,300 digits.
            raise BadJson(reason="a number is too long") from None


def _refuse_constant(_name: str) -> NoReturn:
    raise BadJson(reason="NaN and Infinity are no JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(reason="a name occurs twice in one object")
    return found
