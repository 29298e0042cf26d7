"""The guarded way out over HTTP that adapters of carriers and of message services are handed."""

from collections.abc import Callable, Mapping

from django.conf import settings

from reorder.connectors.base import outgoing
from reorder.connectors.base.outgoing import OutgoingLimits
from reorder.kernel.errors import ReorderError
from reorder.kernel.http_calls import HttpAnswer, HttpSend

Fault = Callable[[str], ReorderError]


def guarded_send(*, limits: OutgoingLimits, unreached: Fault, unsure: Fault) -> HttpSend:
    """One address checked, bounded in time and size, no redirects.

    The faults are made of the cause: `unreached` where surely nothing arrived, `unsure` where something may have.
    """

    def send(
        *, url: str, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        answer = outgoing.fetch_once(
            url=url,
            allowed_networks=settings.REORDER.outgoing_networks,
            method=method,
            headers=headers,
            body=body,
            limits=limits,
            unreached=unreached,
            unsure=unsure,
        )
        return HttpAnswer(status=answer.status, headers=answer.headers, body=answer.body)

    return send
