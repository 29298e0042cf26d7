"""What can go wrong with messages that a person can mend."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownMessage(NotFound):
    code = "messaging.unknown_message"
    template = "There is no message {message_id}. `reorder outbox` lists them."


class MessageNotInState(Conflict):
    code = "messaging.not_in_state"
    template = "Message {message_id} is {state}; only a message that is {wanted} can be {action}."


class UnknownCustomer(NotFound):
    code = "messaging.unknown_customer"
    template = "There is no customer {customer}. Name the shop's id of the customer, or the e-mail address."


class BadUnsubscribeToken(BadInput):
    code = "messaging.bad_token"
    template = (
        "{token!r} is neither an unsubscribe mark of this shop, nor a customer's id or e-mail address. Copy the mark "
        "whole from the mail."
    )


class BadPause(BadInput):
    code = "messaging.bad_pause"
    template = "Marketing cannot be paused like this: {reason}."


class AlreadyPaused(Conflict):
    code = "messaging.already_paused"
    template = "Marketing to this customer is paused already. Resume it first to change the pause."


class NotPaused(Conflict):
    code = "messaging.not_paused"
    template = "Marketing to this customer is not paused; somebody may have resumed it meanwhile."
