"""Rules of segments as they are stored (JSON), read into values that can be compiled. Pure.

A group is `{"match": "all" | "any", "not": false, "rules": [...]}`, a condition `{"kind": "orders_count", "not": false,
"op": "at_least", "value": 3, "days": 90}`. Windows are relative: they end now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.marketing import segment_errors as errors
from reorder.domain.marketing.segment_errors import BadRule
from reorder.domain.marketing.segment_kinds import KINDS, LONGEST_TEXT, MOST_TEXTS, Field, Kind

MOST_RULES: Final = 60
DEEPEST: Final = 6
Rules = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition whose fields were judged; a field that was left out has its default, or None."""

    kind: str
    is_not: bool
    fields: Mapping[str, Any]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """All or any of its members, turned round when `is_not`."""

    match: str
    is_not: bool
    members: tuple["Group | Condition", ...]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was read, as far as it can be, and every fault of it, the first one first."""

    root: Group
    faults: Sequence[BadRule] = field(default=())


def judge_rules(*, rules: object) -> Judged:
    """Read rules and collect all faults; never raises for what a person or program may have written."""
    reader = _Reader()
    root = reader.group(given=rules, where="", depth=1)
    if reader.count > MOST_RULES:
        reader.faults.insert(0, errors.TooManyRules(where="", limit=MOST_RULES))
    return Judged(root=root, faults=reader.faults)


def read_rules(*, rules: object) -> Group:
    """The rules, judged; raises the first BadRule."""
    judged = judge_rules(rules=rules)
    if judged.faults:
        raise judged.faults[0]
    return judged.root


def iterate_conditions(*, node: Group | Condition) -> Iterator[Condition]:
    """Every condition, in the order in which people read them."""
    if isinstance(node, Condition):
        yield node
        return
    for member in node.members:
        yield from iterate_conditions(node=member)


def names_in(*, root: Group, names: str) -> dict[str, str]:
    """What fields of this sort name (product, category, segment, tag …), each with the place of its first mention."""
    found: dict[str, str] = {}
    for condition in iterate_conditions(node=root):
        for one in KINDS[condition.kind].fields:
            given = condition.fields.get(one.key) if one.names == names else None
            for name in [given] if isinstance(given, str) else given or ():
                found.setdefault(name, condition.where)
    return found


def in_order(*, uses: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Segments level by level: each after all that its rules name. What stands in a circle comes last, on its own."""
    left = {code: {name for name in names if name in uses and name != code} for code, names in uses.items()}
    levels = []
    while left:
        ready = sorted(code for code, names in left.items() if not names & left.keys())
        if not ready:
            levels.append(sorted(left))
            break
        levels.append(ready)
        for code in ready:
            del left[code]
    return levels


class _Reader:
    """Walks what was given once, and remembers what is wrong with it."""

    def __init__(self) -> None:
        self.faults: list[BadRule] = []
        self.count = 0

    def group(self, *, given: object, where: str, depth: int) -> Group:
        match, members = "all", ()
        if not isinstance(given, Mapping) or not isinstance(given.get("rules"), list):
            self.faults.append(errors.RulesNotUnderstood(where=where))
            return Group(match, False, members, where)  # noqa: FBT003 - a plain value
        if given.get("match", "all") not in {"all", "any"} or set(given) - {"match", "not", "rules"}:
            self.faults.append(errors.RulesNotUnderstood(where=where))
        elif depth > DEEPEST:
            self.faults.append(errors.RulesTooDeep(where=where, limit=DEEPEST))
            return Group(match, False, members, where)  # noqa: FBT003 - a plain value
        if not given["rules"]:
            self.faults.append(errors.RulesEmpty(where=where))
        match = "any" if given.get("match") == "any" else "all"
        return Group(match, given.get("not") is True, tuple(self._members(given["rules"], where, depth)), where)

    def _members(self, given: Sequence[object], where: str, depth: int) -> Iterator[Group | Condition]:
        for number, one in enumerate(given, start=1):
            place = f"{where}.{number}" if where else str(number)
            self.count += 1
            if self.count > MOST_RULES:
                return
            if isinstance(one, Mapping) and "rules" in one:
                yield self.group(given=one, where=place, depth=depth + 1)
                continue
            condition = self._condition(one, place)
            if condition is not None:
                yield condition

    def _condition(self, given: object, where: str) -> Condition | None:
        if not isinstance(given, Mapping) or not isinstance(given.get("kind"), str):
            self.faults.append(errors.RulesNotUnderstood(where=where))
            return None
        kind = KINDS.get(given["kind"])
        if kind is None:
            self.faults.append(errors.UnknownRuleKind(where=where, given=given["kind"][:60], known=", ".join(KINDS)))
            return None
        known = {one.key for one in kind.fields}
        for key in sorted(str(key) for key in set(given) - known - {"kind", "not"}):
            self.faults.append(
                errors.UnknownRuleField(where=where, kind=kind.code, field=key[:60], known=", ".join(sorted(known)))
            )
        fields = {one.key: self._field(one, given.get(one.key), where) for one in kind.fields}
        self._together(kind=kind, fields=fields, where=where)
        return Condition(kind.code, given.get("not") is True, fields, where)

    def _field(self, field: Field, given: object, where: str) -> Any:
        if given is None or given in ("", []):
            if field.is_required and field.default is None:
                self.faults.append(errors.RuleFieldMissing(where=where, field=field.key))
            return field.default
        value, wanted = _read(field, given)
        if wanted:
            self.faults.append(
                errors.RuleFieldWrong(where=where, field=field.key, given=str(given)[:60], wanted=wanted)
            )
            return field.default
        if isinstance(value, int | float) and not field.least <= value <= field.most:
            self.faults.append(
                errors.RuleFieldOutside(
                    where=where, field=field.key, given=f"{value:g}", least=f"{field.least:g}", most=f"{field.most:g}"
                )
            )
        return value

    def _together(self, *, kind: Kind, fields: Mapping[str, Any], where: str) -> None:
        """What single fields cannot say."""
        if kind.code == "age" and fields["least"] is None and fields["most"] is None:
            self.faults.append(errors.RuleFieldMissing(where=where, field="least"))
        if kind.code == "attribute" and fields["op"] != "known" and not fields["value"]:
            self.faults.append(errors.RuleFieldMissing(where=where, field="value"))
        for low, high in (("from_days", "until_days"), ("least", "most")):
            first, last = fields.get(low), fields.get(high)
            if isinstance(first, int) and isinstance(last, int) and first > last:
                self.faults.append(
                    errors.RuleFieldWrong(where=where, field=high, given=str(last), wanted="it lies before the first")
                )


def _read(field: Field, given: object) -> tuple[Any, str]:
    """The value, and what was wanted instead when it cannot be one."""
    if field.type in {"integer", "number"}:
        return _number(given, is_whole=field.type == "integer")
    if field.type == "choice":
        return (given, "") if given in field.choices else (None, f"one of {', '.join(field.choices)}")
    if field.type == "text":
        is_fine = isinstance(given, str) and len(given) <= LONGEST_TEXT and "\x00" not in given
        return (given.strip(), "") if is_fine and isinstance(given, str) else (None, "a text of at most 200 characters")
    return _several(field, given)


def _several(field: Field, given: object) -> tuple[Any, str]:
    if not isinstance(given, list) or len(given) > MOST_TEXTS:
        return None, "a list of at most 200 texts"
    texts = [one.strip() for one in given if isinstance(one, str) and "\x00" not in one and len(one) <= LONGEST_TEXT]
    if len(texts) != len(given) or not all(texts):
        return None, "a list of at most 200 texts"
    if field.type == "choices" and not set(texts) <= set(field.choices):
        return None, f"some of {', '.join(field.choices)}"
    return list(dict.fromkeys(texts)), ""


def _number(given: object, *, is_whole: bool) -> tuple[Any, str]:
    wanted = "a whole number" if is_whole else "a number"
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= 1e15:
        return None, wanted
    if is_whole and given != int(given):
        return None, wanted
    return (int(given) if is_whole else float(given)), ""
