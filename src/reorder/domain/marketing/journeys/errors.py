"""What can be wrong about a journey, said to whoever edits or switches it."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownJourney(NotFound):
    code = "marketing.unknown_journey"
    template = "There is no journey {key}."


class UnknownEnrolment(NotFound):
    code = "marketing.unknown_enrolment"
    template = "There is no way through a journey with the number {key}."


class UnknownStep(NotFound):
    code = "marketing.unknown_step"
    template = "The journey has no step {key}."


class UnknownTask(NotFound):
    code = "marketing.unknown_task"
    template = "There is no open task with the number {key}."


class UnknownReadyMade(NotFound):
    code = "marketing.unknown_ready_made"
    template = "There is no ready-made journey {key}."


class BadJourneyCode(BadInput):
    code = "marketing.bad_journey_code"
    template = (
        "A journey's code has 2 to 40 small letters, digits and hyphens and begins with a letter; {value} does not."
    )


class JourneyExists(Conflict):
    code = "marketing.journey_exists"
    template = "There is a journey {key} already. Choose another code."


class JourneyChanged(Conflict):
    code = "marketing.journey_changed"
    template = "Somebody else has changed this journey meanwhile. Look at it again, then repeat your change."


class JourneyBroken(BadInput):
    """It cannot be switched on: `first` is the first fault, `count` how many there are."""

    code = "marketing.journey_broken"
    template = "This journey cannot be switched on. Step {step}: {first} (Things to mend: {count}.)"


class WrongJourneyState(Conflict):
    code = "marketing.wrong_journey_state"
    template = "The journey {key} is {state}: {reason}"


class TooManyJourneySteps(BadInput):
    code = "marketing.too_many_journey_steps"
    template = (
        "A journey has at most {limit} steps. Make two journeys of it: the second can begin with a tag or segment."
    )


class BadDefinition(BadInput):
    code = "marketing.bad_definition"
    template = "What the journey says cannot be read at {path}: {reason}"
