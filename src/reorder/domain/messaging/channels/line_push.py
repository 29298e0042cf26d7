"""Messages to people by LINE's Messaging API. Every attempt of one message carries the same retry key.

LINE takes a push with a known retry key no second time and says so (409), so an attempt whose answer was lost may be
repeated: nothing arrives twice.
"""

from typing import Final

from django.conf import settings

from reorder.domain.messaging.channels.base import Outcome, Result

_CONFLICT: Final = 409
_TOO_MANY: Final = 429
_TIMEOUT_SECONDS: Final = 20
# LINE's limit of one text message, in UTF-16 code units.
TEXT_MOST: Final = 5000


def push_text(*, line_user_id: str, text: str, retry_key: str) -> Outcome:
    """Hand one text to LINE; never raises for what the server or network may do.

    UNKNOWN never comes back: whatever may have been delivered may be asked again under the same key.
    """
    # Loading the client costs a second, and most processes never push.
    from linebot.v3.messaging import ApiClient, Configuration, MessagingApi, PushMessageRequest, TextMessage
    from linebot.v3.messaging.exceptions import OpenApiException
    from urllib3.exceptions import HTTPError

    if not settings.REORDER.line_token:
        return Outcome(result=Result.REFUSED, error="REORDER_LINE_TOKEN is empty")
    configuration = Configuration(host=settings.REORDER.line_url, access_token=settings.REORDER.line_token)
    # By itself the client would repeat what broke, at once and out of our sight.
    configuration.retries = False
    request = PushMessageRequest(to=line_user_id, messages=[TextMessage(text=cut_text(text=text))])
    try:
        with ApiClient(configuration) as client:
            MessagingApi(client).push_message(request, x_line_retry_key=retry_key, _request_timeout=_TIMEOUT_SECONDS)
    except OpenApiException as fault:
        return _judge(status=int(getattr(fault, "status", 0) or 0), body=str(getattr(fault, "body", "") or fault))
    except (HTTPError, OSError) as fault:
        return Outcome(result=Result.NOT_DELIVERED, error=f"{type(fault).__name__}: {fault}"[:500])
    except ValueError:
        # The request was checked above, so it is the answer of a server that took the message that cannot be read.
        return Outcome(result=Result.DELIVERED)
    return Outcome(result=Result.DELIVERED)


def cut_text(*, text: str) -> str:
    """The beginning of a text that LINE takes as one message; characters beyond the basic plane count twice."""
    if len(text.encode("utf-16-le")) // 2 <= TEXT_MOST:
        return text
    cut = text.encode("utf-16-le")[: 2 * (TEXT_MOST - 2)].decode("utf-16-le", "ignore")
    return f"{cut}…"


def _judge(*, status: int, body: str) -> Outcome:
    error = f"{status} {body}"[:500]
    if status == _CONFLICT:
        # It was taken before, and only the answer was lost.
        return Outcome(result=Result.DELIVERED)
    if status == _TOO_MANY or status >= 500 or not status:
        return Outcome(result=Result.NOT_DELIVERED, error=error)
    return Outcome(result=Result.REFUSED, error=error)
