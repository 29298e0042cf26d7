"""What the trial of variants says becomes their weights: from now on more people get what is better."""

from reorder.domain.marketing import content
from reorder.domain.marketing.effect_figures import list_latest_figures
from reorder.domain.storage import one_transaction
from reorder.flows.effects.errors import NothingToWeigh
from reorder.flows.effects.estimating import STANDARD
from reorder.insights.effects import list_tried_versions

_WHOLE = 1_000


def adopt_weights(*, source_kind: str, source_key: str, step_key: str, decided_by: str) -> int:
    """Give the live versions behind a step's variants the weights of the last measuring; returns how many changed.

    A proved winner gets everybody. Messages that were planned already keep their words. Raises NothingToWeigh where no
    variants were compared, or none of them is written by a live version any more.
    """
    figures = list_latest_figures(source_kind=source_kind, source_key=source_key)
    found = next(
        (one for one in figures if one.measure == "buyers" and one.step_key == step_key and not one.variant), None
    )
    standings = found.details.get("variants", ()) if found else ()
    winner = found.details.get("winner") if found else None
    shares = {one["name"]: float(one["name"] == winner) if winner else one["weight"] for one in standings}
    with one_transaction():
        changed = 0
        for version in list_tried_versions(source_kind=source_kind, source_key=source_key, step_key=step_key):
            share = shares.get(version.variant or STANDARD)
            if share is not None:
                content.set_weight(
                    template_code=version.template_code,
                    number=version.number,
                    weight=round(share * _WHOLE),
                    changed_by=decided_by,
                )
                changed += 1
        if not changed:
            raise NothingToWeigh(step=step_key or source_key)
    return changed
