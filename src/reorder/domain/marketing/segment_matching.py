"""To whom of some customers rules apply that are of no segment: a condition of a journey."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from reorder.domain.marketing.segment_compile import compile_rules


def list_matching(*, rules: object, context: Mapping[str, Any]) -> set[int]:
    """Those of the customers of the context (`customer_ids`, and what else compiled rules need); raises BadRule."""
    compiled = compile_rules(rules=rules, scope="given")
    with connection.cursor() as cursor:
        cursor.execute(compiled.sql, {**context, **compiled.parameters})
        return {row[0] for row in cursor.fetchall()}
