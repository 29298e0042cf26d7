"""Closed manifests told to carriers that make their own list: after the closing, which holds whatever they answer.

The carrier is asked outside any transaction. Its number for the list is kept once; until it is there, somebody can ask
again.
"""

import datetime as dt

from reorder.domain.shipping import labels, manifests
from reorder.domain.shipping.accounts import get_account
from reorder.domain.shipping.carriers import get_card
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.labels.opening import SendOf, open_row
from reorder.insights.manifests import ManifestRow, get_manifest, list_manifest_lines


def is_to_be_told(*, manifest: ManifestRow) -> bool:
    """Whether a closed manifest has no number of its carrier yet, and its account can ask for one by program."""
    return bool(_labels_to_tell(manifest))


def tell_carrier(*, number: str, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> str:
    """Have the carrier make its list of what is on a closed manifest; its number, empty where nothing is to be told.

    Raises NotAllowed, UnknownManifest, and what the carrier raises; the manifest stays closed.
    """
    actor.require(Ability.FULFIL_ORDERS)
    manifest = get_manifest(number=number, actor=actor)
    to_tell = _labels_to_tell(manifest)
    if not to_tell:
        return ""
    told = []
    for account_id, rows in to_tell.items():
        carrier = open_row(row=get_account(account_id=account_id), moment=moment, send_of=send_of)
        told.append(carrier.manifest(labels=[one.handle for one in rows]).carrier_reference)
    reference = ", ".join(filter(None, told))[:200]
    with one_transaction():
        if manifests.note_carrier_reference(number=number, reference=reference):
            record_audit(
                actor=actor.name,
                action="shipping.tell_manifest",
                subject_kind="manifest",
                subject_key=number,
                details={"reference": reference, "carrier": manifest.carrier},
            )
    return reference


def _labels_to_tell(manifest: ManifestRow) -> dict[int, list[LabelRow]]:
    """Labels on a closed manifest that its carrier has given no number, by the accounts that take a list by program."""
    if manifest.closed_at is None or manifest.carrier_reference:
        return {}
    parcel_ids = [one.id for one in list_manifest_lines(manifest_id=manifest.id)]
    found: dict[int, list[LabelRow]] = {}
    for row in labels.list_live_labels(parcel_ids=parcel_ids):
        if row.state == "bought" and get_card(adapter=row.adapter).capabilities.manifests:
            found.setdefault(row.account_id, []).append(row)
    return found
