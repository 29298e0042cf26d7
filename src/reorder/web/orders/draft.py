"""An order that somebody is typing in: kept with the person's session until it is placed, so it is nobody's demand.

A draft holds what was typed, not what it costs: prices are asked anew whenever it is shown.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from django.http import HttpRequest

_KEY: Final = "orders_draft"
MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A product and what was typed as its units and agreed price (empty: the product's own)."""

    sku: str
    name: str
    units: str = "1"
    price: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far; `attempt` makes placing it count once."""

    attempt: str
    customer_id: int | None = None
    new_name: str = ""
    new_email: str = ""
    lines: tuple[DraftLine, ...] = ()
    coupon: str = ""
    method: str = ""
    payment: str = "unpaid"
    not_before: str = ""
    waits: bool = False
    note: str = ""
    address: dict[str, str] = field(default_factory=dict)

    def with_line(self, *, sku: str, name: str) -> "Draft":
        """One line more; a product that is there already keeps its line."""
        if any(line.sku == sku for line in self.lines) or len(self.lines) >= MOST_LINES:
            return self
        return replace(self, lines=(*self.lines, DraftLine(sku=sku, name=name)))

    def without_line(self, *, sku: str) -> "Draft":
        """One line less."""
        return replace(self, lines=tuple(line for line in self.lines if line.sku != sku))


def read_draft(request: HttpRequest, *, new_key: str) -> Draft:
    """The person's draft; an empty one under a new key when there is none."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if not kept:
        return Draft(attempt=new_key)
    return Draft(**{**kept, "lines": tuple(DraftLine(**line) for line in kept.get("lines", ()))})


def keep_draft(request: HttpRequest, *, draft: Draft) -> None:
    """Keep it until it is placed or thrown away."""
    request.session[_KEY] = asdict(draft)


def drop_draft(request: HttpRequest) -> None:
    """It is placed, or nobody wants it."""
    request.session.pop(_KEY, None)
