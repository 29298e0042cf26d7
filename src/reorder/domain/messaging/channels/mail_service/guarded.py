"""The guarded way out under the HTTP library that anymail uses."""

from collections.abc import Mapping
from typing import Any, cast

import requests
from requests.adapters import BaseAdapter

from reorder.domain.messaging.channels.base import ChannelUnreached
from reorder.kernel.errors import ReorderError
from reorder.kernel.http_calls import HttpSend


class GuardedAdapter(BaseAdapter):
    """Takes a prepared request the guarded way; faults become those of the library, told apart by their kinds."""

    def __init__(self, send: HttpSend) -> None:
        super().__init__()
        self._send = send

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the library's signature
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002 - as above
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = request.body
        raw = body.encode() if isinstance(body, str) else cast(bytes, body or b"")
        headers = {str(name): _text(value) for name, value in request.headers.items()}
        try:
            answer = self._send(url=str(request.url), method=str(request.method), headers=headers, body=raw)
        except ChannelUnreached as fault:
            raise requests.exceptions.ConnectTimeout(str(fault)) from fault
        except ReorderError as fault:
            raise requests.exceptions.ReadTimeout(str(fault)) from fault
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = answer.body  # noqa: SLF001 - how an adapter gives a whole body
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        pass


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
