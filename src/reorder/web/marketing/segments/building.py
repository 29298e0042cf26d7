"""The rule builder: rules as a form, a form as rules, and what its buttons do to them; no script is needed.

Every row of the form says `node` with its kind and place (`g:0`, `c:0-1`), in the order of the page; its fields are
named after the place (`f.0-1.days`). A button says what to do and where: `remove:0-1`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.http import QueryDict

from reorder.domain.marketing.segment_kinds import KINDS, Field
from reorder.domain.marketing.segment_rules import DEEPEST, MOST_RULES
from reorder.web.marketing.segments import words

_FIRST_KIND: Final = "orders_count"
_ROOT: Final = "0"
# What most rules leave empty is folded away.
_FURTHER: Final = frozenset(
    {"products", "categories", "channels", "coupons", "words", "sources", "active_share", "hours", "page"}
)
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a condition as the form shows it."""

    name: str
    label: str
    type: str
    value: str
    chosen: frozenset[str]
    choices: Sequence[tuple[str, str]]
    help: str
    is_required: bool
    step: str = "1"
    suggestions: str = ""
    is_further: bool = False
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A group or condition as the form shows it; `place` is where it stands in names and buttons."""

    place: str
    is_group: bool
    is_not: bool
    match: str = "all"
    kind: str = ""
    fields: Sequence[FieldRow] = ()
    further: Sequence[FieldRow] = ()
    members: Sequence["NodeRow"] = ()
    faults: Sequence[str] = ()
    is_first: bool = False
    is_last: bool = False
    may_hold_group: bool = True
    depth: int = 0

    @property
    def has_further(self) -> bool:
        """Whether any of the fields that are folded away says something."""
        return any(one.is_said for one in self.further)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Names that fields may take: what each is called, by the sort of name."""

    segments: Sequence[tuple[str, str]] = ()
    rfm_segments: Sequence[tuple[str, str]] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)


def empty_rules() -> Node:
    """What a new segment begins with."""
    return {"match": "all", "not": False, "rules": [_new_condition()]}


def read_form(*, form: QueryDict) -> Node:
    """The rules that a form says; a form that says none is a new one's."""
    nodes: dict[str, Node] = {}
    for said in form.getlist("node")[: MOST_RULES * 2]:
        kind, _, place = said.partition(":")
        node = _read_group(form, place) if kind == "g" else _read_condition(form, place)
        parent = nodes.get(place.rpartition("-")[0])
        if place != _ROOT and parent is None:
            continue
        nodes[place] = node
        if parent is not None and "rules" in parent:
            parent["rules"].append(node)
    return nodes.get(_ROOT) or empty_rules()


def act(*, rules: Node, do: str) -> None:
    """Change rules in place as a button says; what names no place changes nothing."""
    verb, _, place = do.partition(":")
    found = _find(rules, place)
    if found is None:
        return
    parent, index = found
    node = parent["rules"][index] if parent is not None else rules
    if verb in {"condition", "group"} and "rules" in node:
        node["rules"].append(_new_condition() if verb == "condition" else empty_rules())
    elif parent is not None and verb == "remove":
        del parent["rules"][index]
    elif parent is not None and verb in {"up", "down"}:
        other = index - 1 if verb == "up" else index + 1
        if 0 <= other < len(parent["rules"]):
            parent["rules"][index], parent["rules"][other] = parent["rules"][other], parent["rules"][index]


def show(*, rules: Node, said: Mapping[str, str], suggestions: Suggestions) -> NodeRow:
    """The form of rules; `said` are the faults in the reader's words, by their place counted from 1."""
    return _row(rules, _ROOT, "", 0, said, suggestions)


def _row(node: Node, place: str, where: str, depth: int, said: Mapping[str, str], suggestions: Suggestions) -> NodeRow:
    faults = (said[where],) if where in said else ()
    if "rules" not in node:
        kind = node.get("kind", _FIRST_KIND)
        fields = [_field(one, node.get(one.key), place, kind, suggestions) for one in KINDS[kind].fields]
        return NodeRow(
            place,
            False,  # noqa: FBT003 - a plain value
            bool(node.get("not")),
            kind=kind,
            fields=[one for one in fields if not one.is_further],
            further=[one for one in fields if one.is_further],
            faults=faults,
            depth=depth,
        )
    count = len(node["rules"])
    members = []
    for number, one in enumerate(node["rules"]):
        below = f"{where}.{number + 1}" if where else str(number + 1)
        row = _row(one, f"{place}-{number}", below, depth + 1, said, suggestions)
        members.append(replace(row, is_first=number == 0, is_last=number == count - 1))
    return NodeRow(
        place,
        True,  # noqa: FBT003 - a plain value
        bool(node.get("not")),
        match=node.get("match", "all"),
        members=members,
        faults=faults,
        may_hold_group=depth + 1 < DEEPEST,
        depth=depth,
    )


def _field(one: Field, given: Any, place: str, kind: str, suggestions: Suggestions) -> FieldRow:
    value = one.default if given is None else given
    choices = [(choice, words.choice_word(choice)) for choice in one.choices]
    type_ = one.type
    if one.names in {"segment", "rfm_segment"}:
        choices = list(suggestions.segments if one.names == "segment" else suggestions.rfm_segments)
        type_ = "choices"
    elif one.type == "choice" and not one.is_required:
        choices = [("", "–"), *choices]
    chosen = frozenset(value) if isinstance(value, list) else frozenset({str(value)} if value is not None else ())
    return FieldRow(
        name=f"f.{place}.{one.key}",
        label=str(words.FIELDS[one.key]),
        type=type_,
        value=_text(value),
        chosen=chosen,
        choices=choices,
        help=_help(one, kind) if type_ != "choices" else "",
        is_required=one.is_required,
        step="any" if one.type == "number" else "1",
        is_further=one.key in _FURTHER,
        is_said=given not in (None, "", [], one.default),
        suggestions=one.names if one.names in suggestions.lists else "",
    )


def _help(one: Field, kind: str) -> str:
    if one.key == "days" and (one.is_required or kind in {"birthday", "carted_not_bought"}):
        return ""
    if one.key == "values" and one.type != "texts":
        return ""
    said = words.HELP.get(one.key)
    return str(said) if said is not None else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) and value == int(value) and abs(value) < 1e6 else str(value)


def _read_group(form: QueryDict, place: str) -> Node:
    match = "any" if form.get(f"m.{place}") == "any" else "all"
    return {"match": match, "not": form.get(f"not.{place}") == "1", "rules": []}


def _read_condition(form: QueryDict, place: str) -> Node:
    kind = form.get(f"k.{place}", _FIRST_KIND)
    if kind not in KINDS:
        kind = _FIRST_KIND
    node: Node = {"kind": kind, "not": form.get(f"not.{place}") == "1"}
    # Another condition than the page showed: the fields on it are those of the old one.
    is_new = form.get(f"was.{place}", kind) != kind
    for one in KINDS[kind].fields:
        value = one.default if is_new else _read_field(form, f"f.{place}.{one.key}", one)
        if value not in (None, "", []):
            node[one.key] = value
    return node


def _read_field(form: QueryDict, name: str, one: Field) -> Any:
    if one.type in {"choices", "texts"}:
        given = form.getlist(name)
        texts = (
            given
            if len(given) > 1 or one.type == "choices"
            else given[0].replace("，", ",").split(",")
            if given
            else []
        )
        return [text.strip() for text in texts if text.strip()]
    text = form.get(name, "").strip()
    if one.type in {"integer", "number"} and text:
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if one.type == "integer" and number == int(number) else number
    return text


def _find(rules: Node, place: str) -> tuple[Node | None, int] | None:
    """The group that holds the node at a place, and where in it; (None, 0) for the whole."""
    if place == _ROOT:
        return None, 0
    parts = place.split("-")
    if parts[0] != _ROOT or not all(part.isdecimal() and len(part) < 4 for part in parts):
        return None
    parent = rules
    for part in parts[1:-1]:
        if "rules" not in parent or int(part) >= len(parent["rules"]):
            return None
        parent = parent["rules"][int(part)]
    index = int(parts[-1])
    return (parent, index) if "rules" in parent and index < len(parent["rules"]) else None


def _new_condition() -> Node:
    return {
        "kind": _FIRST_KIND,
        "not": False,
        **{one.key: one.default for one in KINDS[_FIRST_KIND].fields if one.default},
    }
