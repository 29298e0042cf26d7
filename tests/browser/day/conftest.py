"""The day has a shop of its own: its fixtures are those of all browser tests, made once more."""

from tests.browser.conftest import browser, site, states, visit

__all__ = ["browser", "site", "states", "visit"]
