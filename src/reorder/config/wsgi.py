"""What the web server loads: Django's application, warmed so that the first visitor does not wait."""

import gc
import os
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
django.setup()


def _warm(handler: WSGIHandler) -> None:
    """Compile every template of ours and answer one page, so that addresses, views and middleware are loaded."""
    from django.conf import settings
    from django.db import connections
    from django.template import engines
    from django.urls import get_resolver

    from reorder.config.settings import WEB

    get_resolver().url_patterns  # noqa: B018 - loads every view
    templates = WEB / "templates"
    for file in sorted(templates.rglob("*.html")):
        engines.all()[0].get_template(str(file.relative_to(templates)))
    asked: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/account/login/",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "https" if settings.IS_TLS else "http",
    }
    answer: Iterable[bytes] = handler(asked, lambda status, headers, fault=None: bytes)
    b"".join(answer)
    connections.close_all()
    # What is loaded now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()


def _make_application() -> WSGIHandler:
    from reorder.config.static_files import use_collected_files

    use_collected_files()
    handler = WSGIHandler()
    _warm(handler)
    return handler


application = _make_application()
