"""Log lines that say no more than somebody can act on: a fault that is not in the program needs no traceback."""

import logging

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError

_OUTSIDE = (OperationalError, InterfaceError, DisallowedHost)


class Brief(logging.Filter):
    """Keeps the sentence, and drops the traceback, when the database is away or a stranger asks for another host."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, _OUTSIDE):
            record.msg, record.args = f"{record.getMessage()} ({str(fault).splitlines()[0]})", ()
            record.exc_info, record.exc_text = None, None
        return True
