"""Lists of people that campaigns go to."""

from collections.abc import Sequence

from reorder.domain.marketing.segment_editing import NewSegment
from reorder.flows import segmenting
from tests.factories.messaging import NIGHT


def make_list(*, code: str, customer_ids: Sequence[int]) -> None:
    """A segment by hand with these members."""
    segment = NewSegment(code=code, name=code.capitalize(), kind="list", rules={})
    segmenting.create_segment(segment=segment, decided_by="Lin", moment=NIGHT)
    if customer_ids:
        segmenting.add_members(code=code, customer_ids=customer_ids, decided_by="Lin", moment=NIGHT)
