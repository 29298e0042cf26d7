"""What can go wrong with a carrier. The one question that matters: was the label surely not bought?"""

from typing import Final

from reorder.kernel.errors import BadInput, ReorderError

# What adapters give as `reason`, `action` and `cause`, for who translates them.
CARRIER_TEMPLATES: Final = (
    "cancel a label",
    "come for parcels",
    "make a manifest",
    "print a label",
    "say prices",
    "say where parcels are",
    "say whether a label was bought",
    "take a message",
    "it answered something that is no JSON",
    "it answered something that we cannot read",
    "it answered with an error of its own",
    "it could not be reached",
    "it did not answer in time",
    "it asks us to wait before more requests",
    "its answer lacks what we need",
    "the answer did not come back whole",
    "the signature is wrong",
    "the key was refused",
)


class CarrierFault(ReorderError):
    """Root of what goes wrong with a carrier."""

    code = "carrier.fault"
    template = "{carrier} did not do it: {cause}."


class CarrierRefused(CarrierFault, BadInput):
    """The carrier understood and said no: surely nothing was bought."""

    code = "carrier.refused"
    template = "{carrier} refused: {said}"


class CarrierKeyRefused(CarrierRefused):
    code = "carrier.key_refused"
    template = (
        "{carrier} does not accept the key of this account: {said}. Enter it again under Setup, Carrier accounts."
    )


class CarrierUnreached(CarrierFault):
    """Surely nothing arrived at the carrier: the same may be tried again."""

    code = "carrier.unreached"
    template = "{carrier} was not reached, nothing was bought: {cause}. Try again in a moment."


class CarrierUnsure(CarrierFault):
    """Something may have arrived: before anything is bought again the carrier must be asked."""

    code = "carrier.unsure"
    template = "{carrier} may or may not have done it: {cause}."


class CarrierCannot(CarrierFault, BadInput):
    """Not by program with this carrier."""

    code = "carrier.cannot"
    template = "{carrier} cannot {action} by program. Do it on the carrier's own pages."


class CarrierCannotSay(CarrierFault):
    """The carrier cannot say whether a label was bought: a person decides."""

    code = "carrier.cannot_say"
    template = "{carrier} cannot say whether the label was bought: {cause}."


class BadParcel(CarrierFault, BadInput):
    """A parcel that this carrier would not take as it is; nothing was sent."""

    code = "carrier.bad_parcel"
    template = "{carrier} does not take this parcel: {reason}. {remedy}"


class CarrierExtraMissing(CarrierFault, BadInput):
    """The adapter needs packages that are not installed."""

    code = "carrier.extra_missing"
    template = "The adapter {adapter} needs packages that are not installed ({missing}). Install them with: {command}"


class BadCallback(CarrierFault, BadInput):
    """A message that is not the carrier's, or is none at all."""

    code = "carrier.bad_callback"
    template = "This message to {carrier}'s address is not taken: {reason}."


class BadAccountSetting(CarrierFault, BadInput):
    """A setting of an account that cannot be used."""

    code = "carrier.bad_setting"
    template = "The account cannot be used: {field}: {reason}."
