"""Why a holdout is refused: it would cost customers their messages, or the shop its proof, for nothing."""

from reorder.kernel.errors import BadInput


class BadHoldout(BadInput):
    """A share that is no share, or none without a reason."""

    code = "effects.bad_holdout"
    template = "A holdout cannot be so: {reason}."


class HoldoutTooLarge(BadInput):
    """More people would be kept back than written to."""

    code = "effects.holdout_too_large"
    template = "Holding out {share} costs more than it can teach. Hold out {most} at most."


class HoldoutTooSmall(BadInput):
    """A share that measures nothing in any shop."""

    code = "effects.holdout_too_small"
    template = "Holding out {share} measures nothing. Hold out {least} or more, or nobody."


class HoldoutBlind(BadInput):
    """Too few people to see anything, and a share that would do."""

    code = "effects.holdout_blind"
    template = (
        "With {share} held out, {held} of {people} people would be compared in half a year: too few to see anything "
        "smaller than a doubling. Hold out {suggested}, or nobody."
    )


class HoldoutHopeless(BadInput):
    """Too few people to see anything with any share."""

    code = "effects.holdout_hopeless"
    template = (
        "With {share} held out, {held} of {people} people would be compared in half a year: too few to see anything, "
        "and no other share would do. Hold out nobody here, and measure all marketing together instead."
    )


class NothingToWeigh(BadInput):
    """No variants were compared, or their words are not in use any more."""

    code = "effects.nothing_to_weigh"
    template = "There is nothing to weigh at {step}: no variants of it that are in use were compared yet."
