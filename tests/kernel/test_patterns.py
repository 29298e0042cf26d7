"""Patterns of LIKE: what was typed stands for itself."""

import pytest

from reorder.kernel.patterns import like_literal


@pytest.mark.parametrize(
    ("typed", "pattern"), [("50% off", r"50\% off"), ("TEA_150", r"TEA\_150"), ("a\\b", "a\\\\b"), ("烏龍", "烏龍")]
)
def test_no_character_is_a_wildcard(typed: str, pattern: str) -> None:
    assert like_literal(text=typed) == pattern
