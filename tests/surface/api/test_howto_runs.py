"""The examples of the how-to run word for word, in their order, against a started server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.installation import Installation, installation
from tests.factories.web import serving

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/howto/api.md"
# Its clock stands still: the examples say when an order was made by the clock of the shell.
_STOCK_UP = """
import django; django.setup()
from tests.factories.api import make_secret
from tests.factories.placing import stock_up
stock_up(units=1)
print(make_secret(requests_per_minute=1_000_000))
"""


@pytest.fixture
def shop() -> Iterator[Installation]:
    with installation(REORDER_CLOCK="") as made:
        yield made


def test_the_examples_of_the_how_to_run_as_they_stand(shop: Installation) -> None:
    shop.say("doctor")
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(ROOT))
    made = subprocess.run(
        [sys.executable, "-c", _STOCK_UP], env=environment, capture_output=True, text=True, check=True
    )
    script = "set -e\n" + "".join(re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL))
    with serving(shop) as web:
        told = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, "REORDER": f"{web.url}/api/v1", "TOKEN": made.stdout.split()[-1]},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert told.returncode == 0, told.stderr + told.stdout
    assert "urn:reorder:problem" not in told.stdout
    shop.database.ensure_started()
    assert shop.ask("SELECT fulfilment, state, total_minor FROM orders_order ORDER BY id") == [
        ("reorder", "delivered", 96_000),
        ("reorder", "cancelled", 90_000),
        ("elsewhere", "placed", None),
    ]
