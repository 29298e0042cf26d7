"""The queue behind `kernel.jobs.defer_job`: procrastinate on Django's connection, so job and fact commit together."""

from collections.abc import Mapping
from typing import cast

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import JSONValue

from reorder.kernel.jobs import JobArgument, JobName


class ProcrastinateQueue:
    """Remembers jobs by name in the open transaction."""

    def defer(self, *, name: JobName, arguments: Mapping[str, JobArgument], once_key: str | None) -> None:
        """Defer a job; with `once_key`, a second one that would wait beside the first is silently the same one."""
        deferrer = app.configure_task(name=name.value, queueing_lock=once_key, lock=once_key)
        try:
            # The savepoint keeps the caller's transaction alive when the waiting job already exists.
            with transaction.atomic():
                deferrer.defer(**cast("dict[str, JSONValue]", dict(arguments)))
        except AlreadyEnqueued:
            return
