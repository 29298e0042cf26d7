"""What can be wrong with accounts and labels, as values with a code."""

from typing import Final

from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError

# Reasons that errors give, for who translates them.
LABEL_TEMPLATES: Final = (
    "account",
    "carrier",
    "label",
    "a name has 1 to 60 characters",
    "another account has this name",
    "choose a service of the shop",
    "choose one of the adapters",
    "it has left already",
    "it has no address to go to",
    "it is not packed yet",
    "it was cancelled",
    "name the carrier's service",
    "there is no account for this service and place",
    "the tracking number has 4 to 40 letters, digits and hyphens",
)


class UnknownAccount(NotFound):
    """No such account with a carrier."""

    code = "shipping.unknown_account"

    def __init__(self, *, account: object) -> None:
        super().__init__(what="account", key=account)


class UnknownLabel(NotFound):
    """No such label."""

    code = "shipping.unknown_label"

    def __init__(self, *, label: object) -> None:
        super().__init__(what="label", key=label)


class BadAccount(BadInput):
    """An account that cannot be kept as it was entered."""

    code = "shipping.bad_account"
    template = "This account cannot be saved: {reason}."


class AccountSecretsUnreadable(ReorderError):
    """The signing key of the installation is another one than when the secrets were entered."""

    code = "shipping.secrets_unreadable"
    template = (
        "The secrets of {account} cannot be read with this installation's signing key. Enter them again under Setup, "
        "Carrier accounts."
    )


class ParcelHasLabel(Conflict):
    """A parcel has a label, or may have one: no other is bought."""

    code = "shipping.parcel_has_label"
    template = "Parcel {parcel} has a label already ({label}, {state}). Void it before another is bought."


class LabelKeyUsed(Conflict):
    """The same key was used for another parcel."""

    code = "shipping.label_key_used"
    template = "This key was used for the label of another parcel."


class LabelNotInState(Conflict):
    """The label is in another state than the wish needs."""

    code = "shipping.label_not_in_state"
    template = "Label {label} is {state}; this needs one that is {wanted}."


class ParcelNotForLabel(BadInput):
    """A parcel that needs no label now, or cannot have one."""

    code = "shipping.parcel_not_for_label"
    template = "Parcel {parcel} gets no label: {reason}."


class BadTrackingNumber(BadInput):
    code = "shipping.bad_tracking_number"
    template = "{number} is no tracking number: {reason}."


class ParcelHasLeft(Conflict):
    """The label of a parcel that is on its way is used up."""

    code = "shipping.parcel_has_left"
    template = "Parcel {parcel} has left: its label is not given back."


class NoServiceFits(BadInput):
    """No service takes this parcel; `why` names the first reason of each."""

    code = "shipping.no_service_fits"
    template = "No carrier takes parcel {parcel}: {why}."


class LateLabel(ReorderError):
    """A carrier's answer that came after its label was given up; what it sold was given back."""

    code = "shipping.late_label"
    template = "The carrier sold {number} after this was given up. It was given back."


class LateLabelKept(ReorderError):
    """As LateLabel, but the carrier does not take it back."""

    code = "shipping.late_label_kept"
    template = "The carrier sold {number} after this was given up and does not take it back. Void it on its own pages."


class LabelNotFound(ReorderError):
    """The carrier knows of no label under our reference."""

    code = "shipping.label_not_found"
    template = "{carrier} knows of no label {reference}: it was not bought."


class LabelGivenUp(ReorderError):
    """A person saw at the carrier that nothing was bought."""

    code = "shipping.label_given_up"
    template = "{actor} saw at the carrier that it was not bought."


class LabelUnsettled(ReorderError):
    """The buyer died before the carrier's answer was kept."""

    code = "shipping.label_unsettled"
    template = "The carrier's answer never came to us. It is asked again; until then nothing else is bought."


class VoidNotDone(ReorderError):
    """The carrier did not take a label back: it is still paid."""

    code = "shipping.void_not_done"
    template = "{carrier} has not taken {number} back: the label still counts."


class NothingToPrint(BadInput):
    """None of the parcels has a label that can be printed."""

    code = "shipping.nothing_to_print"
    template = "None of these parcels has a label to print. Buy labels first."


class UnknownBatch(NotFound):
    """No such batch of labels."""

    code = "shipping.unknown_batch"

    def __init__(self, *, batch: object) -> None:
        super().__init__(what="batch of labels", key=batch)


class NothingToLabel(BadInput):
    """No packed parcel waits for a label here."""

    code = "shipping.nothing_to_label"
    template = "No packed parcel waits for a label here."
