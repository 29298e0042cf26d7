"""What customers ask to send back, as the page of an order shows it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from reorder.insights.order_page import OrderPage
from reorder.web import return_words
from reorder.web.orders import words
from reorder.web.orders.forms import AnswerForm


def shown_returns(page: OrderPage) -> Sequence[dict[str, Any]]:
    """The wishes about an order, those that wait for an answer first."""
    names = {line.line_key: (line.name, line.sku) for line in page.lines}
    return [
        {
            "row": one,
            "reason": _(words.RETURN_TEMPLATES.get(one.reason, one.reason)),
            "state": return_words.mark(one.state, templates=return_words.STATE_TEMPLATES),
            "goods": [(*names.get(key, (key, "")), units) for key, units in one.lines.items()],
            "form": AnswerForm(request_id=one.id),
        }
        for one in sorted(page.returns, key=lambda one: (one.state != "requested", one.return_id))
    ]
