"""Senders that tests kill: processes of their own, forked by one that has everything imported.

Starting an interpreter with all of the shop's code takes longer than what such a test is about. The one that forks
never opens a connection, so a child that is killed leaves nothing behind but what the database knows.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache

from reorder.domain.storage.reading import _uri
from tests.factories.messaging import MORNING, wait_until_senders_are_forgotten
from tests.factories.smtp import SmtpPeer

_SERVER = """
import dataclasses, datetime as dt, json, os, signal, sys
import django
django.setup()
from django.conf import settings
from reorder.flows.outbox import send_due_messages
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=asked["mail_url"])
    try:
        send_due_messages(moment=dt.datetime.fromisoformat(asked["moment"]))
    finally:
        os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """One pass over the outbox in a process of its own."""

    pid: int

    def kill(self) -> None:
        """End it as a failing machine does, and wait until PostgreSQL knows."""
        os.kill(self.pid, signal.SIGKILL)
        wait_until_senders_are_forgotten()


def start_sender(peer: SmtpPeer) -> Sender:
    """Have everything that is due sent to this server."""
    server = _server(_uri())
    if server.stdin is None or server.stdout is None:
        raise RuntimeError("the senders' process has no pipes")
    server.stdin.write(json.dumps({"mail_url": peer.url, "moment": MORNING.isoformat()}) + "\n")
    server.stdin.flush()
    return Sender(int(server.stdout.readline()))


@cache
def _server(database_url: str) -> subprocess.Popen[str]:
    home = tempfile.TemporaryDirectory(prefix="reorder-senders-")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "reorder.config.settings",
        "REORDER_HOME": home.name,
        "REORDER_DATABASE_URL": database_url,
        "REORDER_MAIL_FROM": "hello@tea.example",
        "REORDER_CLOCK": MORNING.isoformat(),
    }
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def end() -> None:
        server.kill()
        server.wait()
        home.cleanup()

    atexit.register(end)
    return server
