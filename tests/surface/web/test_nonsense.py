"""A form full of nonsense is answered in words, whatever form it is: no field of any page breaks it.

Each form gets two kinds of nonsense, neighbours in the list different ones; `REORDER_TEST_FULL=1` sends every kind to
every form. New forms are found by themselves: every name of a field that our pages read is sent to every address that acts.
"""

import os
import re

import pytest
from django.test import Client

from reorder.config.settings import WEB
from tests.factories.messaging import letter, make_reader
from tests.factories.staff import sign_in
from tests.surface.web.test_roles import DESK_PAGES, Shop, browser, shop  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db(transaction=True)
NONSENSE = ("\x00", "9" * 40, "NaN", "1e400", "x" * 3_000, "2026-13-45", "stop", "1.0.x|y")
TURNS = range(len(NONSENSE)) if os.environ.get("REORDER_TEST_FULL") else (0, 4)
_READ = (
    r'POST(?:\.get(?:list)?\(|\[)"([\w-]+)"',
    r'form\.get(?:list)?\("([\w-]+)"',
    r"^    (\w+) = (?:forms\.)?\w+Field\(",
)
_PREFIXED = ("note-text", "pause-reason", "pause-resumes_date", "units-1", "column-0")


def field_names() -> set[str]:
    texts = [file.read_text() for file in WEB.rglob("*.py")]
    return {name for text in texts for read in _READ for name in re.findall(read, text, re.MULTILINE)} | {*_PREFIXED}


@pytest.mark.parametrize("turn", TURNS)
def test_no_form_is_broken_by_nonsense(turn: int, browser: Client, shop: Shop) -> None:  # noqa: F811 - fixtures
    from reorder.domain.messaging import operations

    operations.plan_messages(drafts=[letter(number=1, customer=make_reader()), letter(number=2)])
    names = field_names()
    assert {"next", "units", "seen", "reason", "scopes"} <= names
    faults = []
    for number, page in enumerate(page for page in DESK_PAGES if page.method == "POST"):
        nonsense = NONSENSE[(number + turn) % len(NONSENSE)]
        sign_in(browser, role="owner")
        status = browser.post(page.address(shop), dict.fromkeys(names, nonsense)).status_code
        if status >= 500:
            faults.append(f"POST {page.address(shop)} ({page.name}) of {nonsense[:40]!r}: {status}")
    assert not faults, "\n".join(faults)
