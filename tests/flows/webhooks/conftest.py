"""Shops that may reach receivers on this machine."""

from dataclasses import replace
from typing import Any

import pytest

from reorder.flows.webhooks import telling


@pytest.fixture(autouse=True)
def local_receivers(settings: Any) -> None:
    """Loopback is allowed, and a receiver that hangs is left after a second."""
    settings.REORDER = replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",), webhook_seconds=1)
    telling.forget_unwanted()
