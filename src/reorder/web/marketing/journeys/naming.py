"""Documents as people read them: names of templates, segments and offers where the document has codes."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from reorder.domain.marketing.journeys.naming import Named
from reorder.web.marketing.journeys import words
from reorder.web.marketing.segments.ready_words import say_segments
from reorder.web.marketing.template_names import say_templates


def name_steps(*, document: Mapping[str, Any], named: Named) -> dict[str, Any]:
    """The same document to be shown: its steps say names; what has none keeps its code."""
    names = {
        "template": dict(say_templates(choices=named.templates)),
        "segment": dict(say_segments(choices=named.segments)),
    }
    offers = dict(named.offers)
    return {**document, "steps": {key: _named(one, names, offers) for key, one in document.get("steps", {}).items()}}


def title_step(step: Mapping[str, Any]) -> str:
    """What kind of step it is, and what it does."""
    kind = str(step["kind"])
    return _("{label}: {text}").format(label=words.KIND_WORDS.get(kind, kind), text=words.say_step(step))


def _named(
    step: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], offers: Mapping[str, str]
) -> dict[str, Any]:
    said: dict[str, Any] = {
        field: known.get(str(step[field]), step[field]) for field, known in names.items() if field in step
    }
    if isinstance(step.get("offers"), list):
        said["offers"] = [offers.get(str(one), one) for one in step["offers"]]
    return {**step, **said}
