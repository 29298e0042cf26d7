"""Which sources are proved to be refused or complained of above their limits while they still write; pure."""

from collections.abc import Mapping, Sequence

from reorder.domain.marketing.effect_figures import FigureRow
from reorder.domain.marketing.proof import GLOBAL_KIND
from reorder.flows.alerting import BrokenGuard
from reorder.insights.effects import SourceName


def find_broken(*, figures: Sequence[FigureRow], names: Mapping[tuple[str, str], SourceName]) -> list[BrokenGuard]:
    """Broken guards of whole sources: all marketing together would only say the same once more.

    A source whose windows have all ended wrote to nobody for weeks: there is nothing left to stop.

    Args:
        figures: those of one night.
        names: what people call sources, by (kind, key).
    """
    whole = [one for one in figures if not (one.step_key or one.variant) and one.source_kind != GLOBAL_KIND]
    writing = {(one.source_kind, one.source_key) for one in whole if one.details.get("waiting")}
    return [
        BrokenGuard(
            source_kind=one.source_kind,
            source_key=one.source_key,
            name=_name_of(key=(one.source_kind, one.source_key), names=names),
            measure=one.measure,
            share=one.treated_value,
            limit_share=one.details["limit_share"],
        )
        for one in whole
        if one.details.get("is_broken") and (one.source_kind, one.source_key) in writing
    ]


def _name_of(*, key: tuple[str, str], names: Mapping[tuple[str, str], SourceName]) -> str:
    found = names.get(key)
    return found.name if found and found.name else key[1]
