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
    "show a map of stores",
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
    "it has no such question",
    "it is for another merchant",
    "it is no form",
    "it is no JSON object",
    "it is needed",
    "it names no parcel",
    "it names no store",
    "the map was opened too long ago",
    "one to four letters or digits",
    # Why a parcel is not taken, and what to do about it.
    "its amounts are not in New Taiwan dollars",
    "it collects no money at the door",
    "it is too large",
    "it is too large or too heavy",
    "it is worth more than NT$20,000",
    "no store is chosen",
    "a postcode of three or more digits is missing",
    "the receiver has no mobile number (09 and eight digits)",
    "the receiver's address has not 6 to 60 letters",
    "the receiver's name has less than two Chinese letters, or four others",
    "the sender has no mobile number",
    "the sender's address has not 6 to 60 letters",
    "the sender's name has less than two Chinese letters, or four others",
    "this service does not keep that temperature",
    "the table of rates has no price for this way and weight",
    "ECPay must know where to tell of parcels",
    "Add a rate under Setup, Shipping, or choose another service.",
    "Choose a store, or have the order paid before.",
    "Choose another carrier.",
    "Choose another service, or mend address, weight and size.",
    "Choose another service.",
    "Choose the store in the address: its number has up to six digits.",
    "Enter one in the account under Setup.",
    "Enter one in the address.",
    "Enter the full name.",
    "Mend the address.",
    "Name it under Setup, Carrier accounts.",
    "Pack it into smaller cartons, or choose another service.",
    "Pack it into smaller cartons: 150 cm in all, chilled and frozen 120 cm.",
    "Send it in several parcels.",
    "Set REORDER_PUBLIC_URL to this shop's address.",
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
