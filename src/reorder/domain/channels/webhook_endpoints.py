"""Addresses of other systems that are told what happens here; every change of state is a guarded UPDATE.

Secrets leave this module only by `read_secrets`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from reorder.domain.channels.errors import EndpointNotInState, UnknownEndpoint
from reorder.domain.channels.models import WebhookDelivery, WebhookEndpoint
from reorder.domain.channels.sealing import seal, unseal

_LIVE: Final = ("active", "paused", "disabled")


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint without its secrets; empty `kinds` mean all."""

    id: int
    url: str
    description: str
    kinds: tuple[str, ...]
    state: str
    state_reason: str
    state_at: dt.datetime
    previous_until: dt.datetime | None
    failing_since: dt.datetime | None
    failures_in_row: int
    quiet_until: dt.datetime | None
    created_by: str
    created_at: dt.datetime

    def wants(self, kind: str) -> bool:
        """Whether it is told of this kind of event."""
        return not self.kinds or kind in self.kinds


def list_endpoints() -> list[EndpointRow]:
    """Every endpoint that was not removed, by number."""
    return [_row(found) for found in WebhookEndpoint.objects.exclude(state="removed").order_by("pk")]


def get_endpoint(*, endpoint_id: int) -> EndpointRow:
    """One endpoint; raises UnknownEndpoint, also for a removed one."""
    return _row(_get(endpoint_id))


def count_failing() -> int:
    """Endpoints that were disabled by us, or have failed at their last attempt."""
    live = WebhookEndpoint.objects.exclude(state="removed")
    return live.filter(Q(state="disabled") & ~Q(state_reason="") | Q(failures_in_row__gt=0)).count()


def create_endpoint(
    *, url: str, description: str, kinds: Sequence[str], secret: str, created_by: str, moment: dt.datetime
) -> EndpointRow:
    """Add an endpoint, active at once; `secret` is kept sealed."""
    made = WebhookEndpoint.objects.create(
        url=url,
        description=description,
        kinds=list(kinds),
        state_at=moment,
        secret=seal(secret=secret),
        created_by=created_by,
        created_at=moment,
    )
    return _row(made)


def change_endpoint(*, endpoint_id: int, url: str, description: str, kinds: Sequence[str]) -> EndpointRow:
    """Change where it is and what it wants; raises UnknownEndpoint.

    Another address begins without the failures of the one before.
    """
    before = _get(endpoint_id)
    changes: dict[str, object] = {"url": url, "description": description, "kinds": list(kinds)}
    if before.url != url:
        changes |= {"failing_since": None, "failures_in_row": 0, "quiet_until": None}
    _guarded(endpoint_id, _LIVE, action="changed", **changes)
    return get_endpoint(endpoint_id=endpoint_id)


def pause_endpoint(*, endpoint_id: int, moment: dt.datetime) -> None:
    """Let what happens from now on wait; raises UnknownEndpoint, EndpointNotInState."""
    _guarded(endpoint_id, ("active",), action="paused", state="paused", state_reason="", state_at=moment)


def resume_endpoint(*, endpoint_id: int, moment: dt.datetime) -> None:
    """Send again, with a clean record; raises UnknownEndpoint, EndpointNotInState."""
    _guarded(
        endpoint_id,
        ("paused", "disabled"),
        action="resumed",
        state="active",
        state_reason="",
        state_at=moment,
        failing_since=None,
        failures_in_row=0,
        quiet_until=None,
    )


def disable_endpoint(*, endpoint_id: int, reason: str, moment: dt.datetime) -> bool:
    """Stop sending, and give up what waits; False when it was not active or paused any more."""
    done = WebhookEndpoint.objects.filter(pk=endpoint_id, state__in=("active", "paused")).update(
        state="disabled", state_reason=reason, state_at=moment
    )
    if done:
        _give_up_waiting(endpoint_id, moment)
    return bool(done)


def remove_endpoint(*, endpoint_id: int, moment: dt.datetime) -> None:
    """Forget its secrets and give up what waits; its deliveries stay to be looked at. Raises UnknownEndpoint."""
    _guarded(
        endpoint_id, _LIVE, action="removed", state="removed", state_at=moment, secret="", previous_secret="",
        previous_until=None,
    )  # fmt: skip
    _give_up_waiting(endpoint_id, moment)


def rotate_secret(*, endpoint_id: int, secret: str, previous_until: dt.datetime) -> None:
    """Sign with a new secret, and with the present one too until a moment; raises UnknownEndpoint.

    A secret that was on its way out already ends now: at most two are valid.
    """
    _guarded(
        endpoint_id,
        _LIVE,
        action="changed",
        previous_secret=F("secret"),
        previous_until=previous_until,
        secret=seal(secret=secret),
    )


def replace_secret(*, endpoint_id: int, secret: str) -> None:
    """Sign with a new secret alone, from now on: the present one is known to strangers. Raises UnknownEndpoint."""
    _guarded(endpoint_id, _LIVE, action="changed", previous_secret="", previous_until=None, secret=seal(secret=secret))


def read_secrets(*, endpoint_id: int, moment: dt.datetime) -> list[str]:
    """The secrets that sign now, the newest first; raises UnknownEndpoint, SecretUnreadable."""
    found = _get(endpoint_id)
    sealed = [found.secret]
    if found.previous_secret and found.previous_until is not None and found.previous_until > moment:
        sealed.append(found.previous_secret)
    return [unseal(sealed=text) for text in sealed]


def hold_endpoint(*, endpoint_id: int) -> None:
    """Lock its row until the open transaction ends; whoever changes it and its deliveries does this first."""
    list(WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).values_list("pk"))


def note_success(*, endpoint_id: int) -> bool:
    """It answers; whether it had failed before this."""
    had_failed = WebhookEndpoint.objects.filter(pk=endpoint_id, failures_in_row__gt=0)
    return bool(had_failed.update(failing_since=None, failures_in_row=0, quiet_until=None))


def note_failure(*, endpoint_id: int, moment: dt.datetime) -> EndpointRow:
    """Count a failure in a row; returns the endpoint with it."""
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(
        failures_in_row=F("failures_in_row") + 1, failing_since=Coalesce(F("failing_since"), moment)
    )
    return _row(WebhookEndpoint.objects.get(pk=endpoint_id))


def quieten_endpoint(*, endpoint_id: int, until: dt.datetime) -> None:
    """Send nothing to it before a moment."""
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(quiet_until=until)


def _give_up_waiting(endpoint_id: int, moment: dt.datetime) -> None:
    waiting = WebhookDelivery.objects.filter(endpoint_id=endpoint_id, state="waiting")
    waiting.update(state="given_up", finished_at=moment, claimed_until=None)


def _guarded(endpoint_id: int, states: Sequence[str], *, action: str, **changes: object) -> None:
    if not WebhookEndpoint.objects.filter(pk=endpoint_id, state__in=states).update(**changes):
        state = _get(endpoint_id).state
        raise EndpointNotInState(state="in use" if state == "active" else state, action=action)


def _get(endpoint_id: int) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.filter(pk=endpoint_id).exclude(state="removed").first()
    if found is None:
        raise UnknownEndpoint(endpoint_id=endpoint_id)
    return found


def _row(found: WebhookEndpoint) -> EndpointRow:
    values = {name: getattr(found, name) for name in EndpointRow.__slots__}
    return EndpointRow(**{**values, "kinds": tuple(found.kinds)})
