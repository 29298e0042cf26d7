"""For whoever watches the installation: is the process alive, may it be sent requests, and how is everything."""

from functools import cache

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from reorder.api import problems
from reorder.api.access import Bearer
from reorder.api.metrics import CONTENT_TYPE, write_metrics
from reorder.api.problems import MigrationsMissing
from reorder.domain.staff.rules import Ability
from reorder.insights.api_metrics import read_gauges
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError

_METRICS = Bearer(ability=Ability.READ_METRICS)


def show_alive(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nobody, so a database that is away does not get it killed."""
    if request.method not in {"GET", "HEAD"}:
        return problems.answer_wrong_method(request, allowed="GET, HEAD")
    return HttpResponse("alive\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def show_ready(request: HttpRequest) -> HttpResponse:
    """The database answers and has the tables that this version needs."""
    if request.method not in {"GET", "HEAD"}:
        return problems.answer_wrong_method(request, allowed="GET, HEAD")
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
        _require_migrations()
    except (DatabaseError, InterfaceError) as cause:
        return problems.answer_unavailable(request, cause)
    except MigrationsMissing as error:
        return problems.answer_error(request, error)
    return JsonResponse({"database": "ready"}, headers={"Cache-Control": "no-store"})


def show_metrics(request: HttpRequest) -> HttpResponse:
    """Figures for a watcher that has a token with the scope metrics:read."""
    if request.method not in {"GET", "HEAD"}:
        return problems.answer_wrong_method(request, allowed="GET, HEAD")
    try:
        if not _METRICS(request):
            return problems.answer_stranger(request)
        text = write_metrics(gauges=read_gauges(moment=clock.current_moment()))
    except ReorderError as error:
        return problems.answer_error(request, error)
    except (DatabaseError, InterfaceError) as cause:
        return problems.answer_unavailable(request, cause)
    return HttpResponse(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@cache
def _require_migrations() -> None:
    """Raises MigrationsMissing. Asked until it passes: tables do not go away under a running process."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsMissing
