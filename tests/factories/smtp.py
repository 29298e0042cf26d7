"""A real SMTP server that answers as a test tells it to."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class SmtpPeer:
    """What arrived, and how to answer: by recipient, to the content, or not at all."""

    port: int = 0
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    rcpt_answers: dict[str, str] = field(default_factory=dict)
    sender_answer: str = "250 OK"
    content_answer: str = "250 accepted"
    # "answer", "close" (drop the connection when the content is complete) or "hang" (never answer).
    after_content: str = "answer"
    has_content: threading.Event = field(default_factory=threading.Event)
    came: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?timeout_seconds=2"

    @property
    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.arrived]

    def wait_for(self, *, count: int, seconds: float = 60) -> None:
        """Until so many mails have arrived."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.arrived) >= count, timeout=seconds)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd asks for this name
        if self.sender_answer.startswith("250"):
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd asks for this name
        self.recipients.append(address)
        answer = self.rcpt_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd asks for this name
        if self.content_answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            with self.came:
                self.arrived.append(message)
                self.came.notify_all()
        self.has_content.set()
        if self.after_content == "close":
            server.transport.abort()
        if self.after_content == "hang":
            await asyncio.sleep(30)
        return self.content_answer


@contextmanager
def smtp_peer(**answers: Any) -> Iterator[SmtpPeer]:
    """A server on a free port of this machine, gone at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    peer = SmtpPeer(port=port, **answers)
    controller = Controller(peer, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield peer
    finally:
        controller.stop()
