"""What can go wrong while somebody packs."""

from reorder.kernel.errors import BadInput, Conflict


class NotPackable(Conflict):
    """A shipment that is not on the packing bench: not picked yet, or packed and gone."""

    code = "packing.not_packable"
    template = "Order {order} is {state}: only what is picked can be packed. Choose another task."


class PackingChanged(Conflict):
    """The goods of a shipment changed since its plan was made."""

    code = "packing.changed"
    template = "Order {order} was changed meanwhile: take everything out again and start anew."


class LabelInTheWay(Conflict):
    """A shipment is to be packed anew, and one of its parcels has a label already."""

    code = "packing.label_in_the_way"
    template = "Parcel {parcel} has a label already. Give the label back first, then pack anew."


class NotInShipment(BadInput):
    """A product that this shipment does not have."""

    code = "packing.not_in_shipment"
    template = "Stop: {name} ({sku}) does not belong to order {order}. Put it aside."


class NotInParcel(BadInput):
    """A product of this shipment that goes into another of its parcels, or comes later."""

    code = "packing.not_in_parcel"
    template = "{sku} comes later or goes into another parcel of this order. Now wanted is {wanted}."


class TooManyPacked(BadInput):
    """More of a product than the parcel holds."""

    code = "packing.too_many"
    template = "Stop: {units} × {sku}, and {left} are still to come. Count again, and put the rest aside."


class CartonTooSmall(BadInput):
    """A carton that does not hold all goods of a parcel."""

    code = "packing.carton_too_small"
    template = (
        "Carton {carton} does not hold all of it: {left} would stay out. Take a larger one, or divide the parcel."
    )


class CartonTooWarm(BadInput):
    """A carton that does not keep the temperature."""

    code = "packing.carton_too_warm"
    template = "Carton {carton} does not keep these goods {what}. Take one that does."


class BadSize(BadInput):
    """A size that was typed and cannot be read."""

    code = "packing.bad_size"
    template = "{text!r} is no size: type length, width and height in mm, and the weight in g, such as 200x150x80 350."


class StepNotNow(Conflict):
    """A step that is done already, or not possible yet."""

    code = "packing.step_not_now"
    template = "This step is done already, or comes later. Go back and open the task again."
