"""Pure rules of orders."""

from collections.abc import Sequence


def default_place(*, given_code: str | None, active_codes: Sequence[str]) -> str:
    """Where demand belongs when a file does not say: the place asked for, else the only active one, else none yet."""
    if given_code is not None:
        return given_code
    return active_codes[0] if len(active_codes) == 1 else ""
