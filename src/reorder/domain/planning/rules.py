"""Pure rules of planning: names and limits that its rows follow."""

from typing import Final

# In rows that sum up places: all of them together. No place may be called so; an empty code is "no known place".
ALL_PLACES: Final = "*"
