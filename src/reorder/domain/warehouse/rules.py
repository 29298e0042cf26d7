"""How far a fulfilment order can go from where it is; pure."""

from typing import Final

STATES: Final = ("waiting", "allocated", "released", "picked", "packed", "shipped", "delivered", "cancelled")
# Still at the place: it can be given up, and what it was promised goes back.
OPEN: Final = ("waiting", "allocated", "released", "picked", "packed")
# In the hands of the warehouse.
IN_WORK: Final = ("released", "picked", "packed")
# Off the shelf.
PICKED: Final = ("picked", "packed")
# Has left: what is wrong now is a matter of returns.
GONE: Final = ("shipped", "delivered")

# From which states each step can be taken. A small shop ships without noting that it picked and packed.
STEPS: Final = {
    "released": ("allocated",),
    "picked": ("released",),
    "packed": ("picked",),
    "shipped": ("released", "picked", "packed"),
    "delivered": ("shipped",),
}
UNDO_STEPS: Final = {
    "allocated": ("released",),
    "released": ("picked",),
    "picked": ("packed",),
}
_STAMPS: Final = {
    "released": "released_at",
    "picked": "picked_at",
    "packed": "packed_at",
    "shipped": "shipped_at",
    "delivered": "delivered_at",
    "cancelled": "cancelled_at",
}


def stamp_of(*, state: str) -> str | None:
    """The column that tells when a fulfilment order came to a state; None for states that nothing is kept of."""
    return _STAMPS.get(state)


def stamps_after(*, state: str) -> tuple[str, ...]:
    """The columns that tell of what comes later than `state`: an undone step has not happened."""
    if state == "cancelled":
        return ()
    later = STATES[STATES.index(state) + 1 :]
    return tuple(_STAMPS[one] for one in later if one in _STAMPS)
