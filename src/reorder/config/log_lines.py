"""Log lines that say no more than somebody can act on: no traceback of outside faults, no secret of an address."""

import logging
import re

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError

# Addresses whose last part lets somebody in, or speaks for a customer.
_SECRET = re.compile(r"(?<![\w-])(/sign-in/|/u/|/t/|/carriers/|/shop/(?:enter|see|again)/)[^\s?#]+")
_OUTSIDE = (OperationalError, InterfaceError, DisallowedHost)


class Brief(logging.Filter):
    """Keeps the sentence, and drops the traceback, when the database is away or a stranger asks for another host."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, _OUTSIDE):
            record.msg, record.args = f"{record.getMessage()} ({str(fault).splitlines()[0]})", ()
            record.exc_info, record.exc_text = None, None
        return True


class Discreet(logging.Filter):
    """Django logs the address of what it refuses; a sign-in link that was refused for now still lets its reader in."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        masked = _SECRET.sub(r"\1…", said)
        if masked != said:
            record.msg, record.args = masked, ()
        return True
