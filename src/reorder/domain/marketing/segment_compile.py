"""Rules of segments as one SQL statement with bound values: each condition is a few lines here. Pure.

The statement needs, besides its own values: `moment`, `today` and `zone` (the shop's), `currency` and `minor` (how many
minor units make a whole one), and by scope `low_id`, `high_id` or `customer_ids`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.marketing.segment_conditions import CONDITIONS
from reorder.domain.marketing.segment_rules import Condition, Group, iterate_conditions, read_rules
from reorder.domain.marketing.segment_sql import Builder, Said, Scope

_BITS: Final = 62


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement and the values it binds."""

    sql: str
    parameters: Mapping[str, Any]


def compile_rules(*, rules: object, scope: Scope = "all") -> Compiled:
    """The ids of all customers to whom rules apply, in no order; raises BadRule."""
    builder = Builder()
    holds = _node(read_rules(rules=rules), builder)
    return Compiled(f"SELECT c.id {builder.joined(scope=scope)} AND {holds}", builder.values)


def compile_many(*, roots: Sequence[Group], scope: Scope) -> Compiled:
    """customer_id and a mask: bit n is set where the rules `roots[n]` apply; who has none is left out."""
    if len(roots) > _BITS:
        raise ValueError(f"{len(roots)} rules do not fit one statement of {_BITS}")
    builder = Builder()
    bits = [
        f"CASE WHEN {_node(root, builder)} THEN {1 << place} ELSE 0 END::bigint" for place, root in enumerate(roots)
    ]
    joined = builder.joined(scope=scope)
    # OFFSET 0 keeps the planner from writing the mask out twice, and computing it twice.
    held_by = f"SELECT c.id AS customer_id, {' | '.join(bits)} AS mask {joined} OFFSET 0"
    sql = f"SELECT customer_id, mask FROM ({held_by}) AS held WHERE mask <> 0"  # noqa: S608 - words of ours
    return Compiled(sql, builder.values)


def compile_reasons(*, root: Group) -> Compiled:
    """Of each given customer a JSON array with one [holds, seen] a condition, in the order of `iterate_conditions`."""
    builder = Builder()
    said = [_condition(one, builder) for one in iterate_conditions(node=root)]
    parts = ", ".join(f"jsonb_build_array({_turned(holds, False)}, {seen})" for holds, seen in said)  # noqa: FBT003
    joined = builder.joined(scope="given")
    return Compiled(f"SELECT c.id, c.key, c.name, jsonb_build_array({parts}) {joined} ORDER BY c.id", builder.values)


def count_sources(*, root: Group) -> int:
    """How many sources rules read: what decides how many segments are counted by one statement."""
    builder = Builder()
    _node(root, builder)
    return len(builder.sources) + len(builder.tables)


def _node(node: Group | Condition, builder: Builder) -> str:
    if isinstance(node, Condition):
        return _condition(node, builder)[0]
    between = " OR " if node.match == "any" else " AND "
    return _turned(between.join(_node(member, builder) for member in node.members) or "true", node.is_not)


def _condition(condition: Condition, builder: Builder) -> tuple[str, str]:
    say: Callable[[Builder, Condition], Said] = CONDITIONS[condition.kind]
    said = say(builder, condition)
    return _turned(f"coalesce({said.holds}, false)", condition.is_not), said.seen


def _turned(holds: str, is_not: bool) -> str:  # noqa: FBT001 - a plain value
    return f"(NOT ({holds}))" if is_not else f"({holds})"
