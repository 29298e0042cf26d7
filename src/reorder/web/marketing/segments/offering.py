"""What the rule builder shows of rules, whichever page it stands on: a segment's, or a condition of a journey."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

from reorder.domain.marketing.segment_kinds import FAMILIES, KINDS
from reorder.domain.planning.customer_list import SEGMENTS
from reorder.flows import segmenting
from reorder.insights import segment_pages
from reorder.web.marketing.segments import building, words
from reorder.web.marketing.segments.building import Node, Suggestions
from reorder.web.marketing.segments.showing import explain_fault
from reorder.web.templatetags.reorder import word


def builder_context(*, rules: Node, build_url: str, code: str = "", member_tag: str = "") -> dict[str, Any]:
    """The builder of these rules; its buttons go to `build_url`. `code` is the segment that they are of, if any."""
    faults = segmenting.find_faults(code=code, rules=rules, member_tag=member_tag)
    said: dict[str, str] = {}
    for fault in faults:
        said.setdefault(str(fault.parameters.get("where", "")), explain_fault(fault))
    suggestions = _suggestions(code)
    return {
        "root": building.show(rules=rules, said=said, suggestions=suggestions),
        "faults_count": len(faults),
        "families": [(words.FAMILIES[family], _kinds_of(family)) for family in FAMILIES],
        "lists": suggestions.lists,
        "build_url": build_url,
    }


def shown_rules(*, given: object) -> Node:
    """Rules as the builder can show them: those of a new one where a program wrote what no form could say."""
    return (
        dict(given) if isinstance(given, Mapping) and "rules" in given and _is_tree(given) else building.empty_rules()
    )


def _is_tree(node: object) -> bool:
    if not isinstance(node, Mapping):
        return False
    if "rules" in node:
        return isinstance(node["rules"], list) and all(_is_tree(one) for one in node["rules"])
    return node.get("kind") in KINDS and all(
        isinstance(value, str | int | float) or value is None or _is_plain_list(value) for value in node.values()
    )


def _is_plain_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str | int | float) for one in value)


def _kinds_of(family: str) -> list[tuple[str, Promise]]:
    return [(kind.code, words.KINDS[kind.code]) for kind in KINDS.values() if kind.family == family]


def _suggestions(code: str) -> Suggestions:
    names = segment_pages.list_names()
    return Suggestions(
        segments=[(known, name) for known, name in names.segments if known != code],
        rfm_segments=[(name, word(name)) for name in SEGMENTS],
        lists={"tag": names.tags, "attribute": names.attributes, "category": names.categories},
    )
