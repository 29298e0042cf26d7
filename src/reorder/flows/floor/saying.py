"""Answers and plans in the reader's language: templates translated and filled in, data left as it is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from reorder.flows.floor.scanning import AnsweredScan
from reorder.kernel.errors import PHRASES
from reorder.kernel.quantity import grouped_decimal

Translate = Callable[[str], str]


def say_answer(*, answered: AnsweredScan, translate: Translate) -> dict[str, Any]:
    """An answer as the handheld reads it: key, outcome, sentence, labelled choices, and the new plan if any."""
    answer = answered.answer
    return {
        "key": answered.key,
        "outcome": answer.outcome,
        "message": say(template=answer.message, values=answer.values, translate=translate),
        "error": answered.error,
        "is_replay": answered.is_replay,
        "values": dict(answer.values),
        "choices": [
            {
                "detail": one.detail,
                "value": one.value,
                "label": say(template=one.label, values=one.values, translate=translate),
            }
            for one in answer.choices
        ],
        "plan": None if answer.plan is None else say_plan(plan=answer.plan, translate=translate),
    }


def say_plan(*, plan: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """A plan with its sentences said; what is data stays."""
    said = dict(plan)
    said["title"] = say(template=plan.get("title", ""), values=plan.get("values", {}), translate=translate)
    said["steps"] = [_say_step(step, translate=translate) for step in plan.get("steps", [])]
    return said


def say(*, template: str, values: Mapping[str, Any], translate: Translate) -> str:
    """A sentence in the reader's language; words of ours among the values are translated too.

    A value that is a list of {"say": template, "values": …} is a list of such sentences, said one after the other.
    """
    if not template:
        return ""
    filled = {name: _said_value(name, value, translate=translate) for name, value in values.items()}
    try:
        return translate(template).format(**filled)
    except (KeyError, IndexError, ValueError):
        # Data in place of a template (a name with braces): shown as it is rather than not at all.
        return template


def _said_value(name: str, value: Any, *, translate: Translate) -> Any:
    if isinstance(value, list) and value and all(isinstance(one, Mapping) and "say" in one for one in value):
        return ", ".join(say(template=one["say"], values=one.get("values", {}), translate=translate) for one in value)
    if isinstance(value, Decimal):
        return grouped_decimal(number=value)
    return translate(value) if name in PHRASES and isinstance(value, str) and value else value


def _say_step(step: Mapping[str, Any], *, translate: Translate) -> dict[str, Any]:
    values = step.get("values", {})
    said = dict(step)
    for name in ("prompt", "hint", "unit_word"):
        said[name] = say(template=step.get(name, ""), values=values, translate=translate)
    said["choices"] = [
        dict(choice) | {"label": say(template=choice.get("label", ""), values=values, translate=translate)}
        for choice in step.get("choices", [])
    ]
    return said
