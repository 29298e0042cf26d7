"""Who is kept back for a comparison: by a hash, so that everybody stays on one side for ever."""

import hashlib


def is_held_out(*, salt: str, customer_id: int, share: float) -> bool:
    """Whether a customer belongs to the part that is kept back; the same answer whoever asks and whenever.

    A larger share holds everybody whom a smaller one of the same salt holds.
    """
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share
