"""Fulfilment orders that wait for goods: they may be served from another place than the one they waited at."""

from reorder.domain.storage import run_sql


def move_waiting(*, fulfilment_id: int, place_code: str) -> bool:
    """Let another place serve a fulfilment order that still waits; the caller holds its order. False: it waits no more.

    What was planned of its parcel was of the other place and is forgotten.
    """
    return bool(
        run_sql(
            statement="""UPDATE warehouse_fulfilmentorder AS waiting
                         SET place_id = place.id, cost_minor = NULL, ship_by_at = NULL
                         FROM inventory_place AS place
                         WHERE waiting.id = %s AND waiting.state = 'waiting' AND place.code = %s AND place.is_active""",
            parameters=[fulfilment_id, place_code],
        )
    )
