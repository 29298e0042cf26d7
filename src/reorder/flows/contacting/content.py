"""Which words a message takes: the version of its template for this person, channel and language."""

from reorder.flows.contacting.deciding import DecidedLot, Settled
from reorder.flows.content import Chosen


def choose_content(*, settled: Settled, lot: DecidedLot) -> Chosen:
    """The version that this person gets by the channel that was chosen; the decision asks for channels with words."""
    person = settled.person
    return lot.book.choose(
        template_code=settled.wanted.template_code,
        customer_id=settled.wanted.customer_id,
        language=person.language if person else "",
        channel=settled.decision.channel,
        segment_codes=lot.segments.get(settled.wanted.customer_id, frozenset()),
    )
