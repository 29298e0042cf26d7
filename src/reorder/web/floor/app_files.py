"""What makes the handheld's pages an app: its manifest, and the service worker with the list of files it keeps."""

import hashlib
import json
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.web.access import desk
from reorder.web.floor.place import FLOOR

SCRIPTS: Final = ("codes", "store", "send", "feel", "scanner", "camera", "work", "lists")
_SHELL: Final = (
    "reorder/theme.js",
    "reorder/tokens.css",
    "reorder/floor/floor.css",
    "reorder/icon.svg",
    *(f"reorder/floor/{name}.js" for name in SCRIPTS),
)
_ICONS: Final = ((192, "any"), (512, "any"), (512, "maskable"))


@desk(*FLOOR)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, headed by the files of this version; its place makes it one of /floor/ alone."""
    file = find("reorder/floor/worker.js")
    files = [static(name) for name in _SHELL]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(files)};\n"
    answer = HttpResponse(head + Path(str(file)).read_text(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@desk(*FLOOR)
def manifest(request: HttpRequest) -> HttpResponse:
    """The app as the home screen of a handheld shows it."""
    icons = [
        {
            "src": static(f"reorder/floor/icon-{size}{'-maskable' if purpose == 'maskable' else ''}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in _ICONS
    ]
    answer = JsonResponse(
        {
            "id": reverse("floor:home"),
            "name": f"{settings.REORDER.shop_name} · " + _("Floor"),
            "short_name": _("Floor"),
            "start_url": reverse("floor:home"),
            "scope": reverse("floor:home"),
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#faf8f4",
            "theme_color": "#1f6f54",
            "lang": request.LANGUAGE_CODE,
            "icons": icons,
        }
    )
    answer["Content-Type"] = "application/manifest+json"
    return answer
