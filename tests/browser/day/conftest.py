"""The day has a shop of its own: these fixtures are made once more for it; the browser is that of all tests."""

from tests.browser.conftest import site, states, visit

__all__ = ["site", "states", "visit"]
