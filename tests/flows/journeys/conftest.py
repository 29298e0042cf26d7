"""Journeys without a comparison, so that it is certain who is written to."""

import dataclasses

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def nobody_is_held_out(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0)
