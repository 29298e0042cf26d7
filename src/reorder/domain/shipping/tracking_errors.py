"""What can go wrong with parcels on their way, manifests and pick-ups."""

from typing import Final

from reorder.kernel.errors import BadInput, Conflict, NotFound

# Reasons within the errors below, and those of letters from carriers that could not be used; surfaces translate them.
TRACKING_REASON_TEMPLATES: Final = (
    "it has no label yet",
    "it is not packed yet",
    "it was given up",
    "its order was cancelled",
    "it comes back to us, it does not leave",
    "the state is none of the twelve",
    "the moment has no time zone",
    "the moment lies ahead",
    "it happened long before the parcel was packed",
    "the day must be today or later",
    "the first hour must be before the last",
    "nothing waits for this carrier",
    "the reason is none that we know",
    # What was not found.
    "manifest",
    "message",
    "parcel",
)


class UnknownParcel(NotFound):
    """No such parcel, or not at a place of the person's."""

    def __init__(self, *, key: object) -> None:
        super().__init__(what="parcel", key=key)


class UnknownManifest(NotFound):
    """No such manifest, or not at a place of the person's."""

    def __init__(self, *, key: object) -> None:
        super().__init__(what="manifest", key=key)


class UnknownCarrierAddress(NotFound):
    """Nothing is received at this address."""

    code = "shipping.unknown_address"
    template = "There is no carrier account with this address."


class ParcelNotReady(Conflict):
    """A parcel that may not be handed to a carrier as it stands."""

    code = "shipping.parcel_not_ready"
    template = "Parcel {parcel} stays here: {reason}."


class WrongCage(BadInput):
    """A parcel at the cage of another carrier."""

    code = "shipping.wrong_cage"
    template = "Wrong cage. Parcel {parcel} goes with {carrier} {service}, this is {found}. Put it to {carrier}."


class ParcelElsewhere(BadInput):
    """A parcel of another place."""

    code = "shipping.parcel_elsewhere"
    template = "Parcel {parcel} belongs to {place}, not here."


class ManifestClosed(Conflict):
    """A manifest that the driver has taken along."""

    code = "shipping.manifest_closed"
    template = "Manifest {manifest} is closed: the driver has it. Scan onto a new one."


class ManifestEmpty(BadInput):
    """A manifest with nothing on it."""

    code = "shipping.manifest_empty"
    template = "Nothing is on manifest {manifest} yet, so it cannot be closed."


class BadTrackingEvent(BadInput):
    """An event that cannot be of this parcel."""

    code = "shipping.bad_event"
    template = "This was not recorded: {reason}."


class BadPickUp(BadInput):
    """A pick-up that cannot be asked for as it was entered."""

    code = "shipping.bad_pick_up"
    template = "The carrier was not asked to come: {reason}."


class PickUpAsked(Conflict):
    """The carrier was asked already for the day."""

    code = "shipping.pick_up_asked"
    template = "{carrier} was asked already to come on {day}."


class PublicLinkUseless(NotFound):
    """Not one of ours, cut by a mail program, or too old."""

    code = "shipping.bad_link"
    template = "This link does not work any more. It may be too old, or was cut by the mail program."
