"""Values of jsonb columns as raw cursors hand them over."""

import json
from typing import Any


def read_json(value: Any) -> Any:
    """A jsonb value: Django's raw cursors give it as text, its models and other connections as what it says."""
    return json.loads(value) if isinstance(value, str) else value
