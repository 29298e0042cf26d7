"""Pictures of codes, for browsers that cannot read them: one frame in, the codes on it out; nothing is kept."""

import io
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk
from reorder.web.floor.place import FLOOR

_MOST_BYTES: Final = 1_500_000
_MOST_PIXELS: Final = 4_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
# For the catalogue: reasons of BadPicture.
CAMERA_TEMPLATES: Final = (
    "it is larger than 1.5 MB",
    "it is no JPEG, PNG or WebP",
    "it has more than 4 million pixels",
)


class BadPicture(BadInput):
    """A frame that cannot be looked at."""

    code = "floor.bad_picture"
    template = "The picture cannot be read: {reason}."


@desk(*FLOOR, method="POST")
def read(request: HttpRequest) -> HttpResponse:
    """The codes on a frame of the camera: {"codes": [{"text", "format"}]}, none when nothing can be read."""
    try:
        return JsonResponse({"codes": read_picture(content=request.body)})
    except BadPicture as error:
        return JsonResponse({"error": error.code, "message": explain_error(error=error, translate=_)}, status=422)


def read_picture(*, content: bytes) -> list[dict[str, Any]]:
    """Codes on a picture, the largest first, GS1 messages with their mark and separators. Raises BadPicture."""
    import zxingcpp
    from PIL import Image, UnidentifiedImageError

    if len(content) > _MOST_BYTES:
        raise BadPicture(reason="it is larger than 1.5 MB")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            # Asked before a pixel is unpacked: a small file can hold a huge picture.
            if opened.width * opened.height > _MOST_PIXELS:
                raise BadPicture(reason="it has more than 4 million pixels")
            grey = opened.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadPicture(reason="it is no JPEG, PNG or WebP") from None
    found = zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain)
    return [
        {"text": _marked(one), "format": str(one.format)}
        for one in sorted(found, key=_height, reverse=True)
        if one.valid
    ]


def _marked(code: Any) -> str:
    """The text behind its symbology's mark where it is a GS1 message, as a scanner would send it."""
    import zxingcpp

    text = str(code.text)
    return f"{code.symbology_identifier}{text}" if code.content_type == zxingcpp.ContentType.GS1 else text


def _height(code: Any) -> int:
    corners = [code.position.top_left, code.position.top_right, code.position.bottom_left, code.position.bottom_right]
    return int(max(one.x for one in corners) - min(one.x for one in corners))
