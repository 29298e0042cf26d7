"""What a check of an order found, as sentences; filled by the codes that checks leave in their events."""

from collections.abc import Iterator, Mapping
from typing import Any

from reorder.web.templatetags.reorder import reason


def finding_words(details: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each finding that has a reason code."""
    findings = details.get("findings") or details.get("reasons") or ()
    for one in findings if isinstance(findings, list) else ():
        if isinstance(one, Mapping) and one.get("code"):
            yield reason(str(one["code"]), one.get("parameters") or {})
