"""Write docs/reference/openapi.json as the API describes itself; a test compares the two."""

import os
from pathlib import Path

import django

FILE = Path(__file__).resolve().parents[1] / "docs/reference/openapi.json"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    django.setup()
    from reorder.api.urls import openapi_text

    FILE.write_text(openapi_text())
    print(f"{FILE} written")


if __name__ == "__main__":
    main()
