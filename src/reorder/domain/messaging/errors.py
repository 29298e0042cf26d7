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


class UnknownChannelAccount(NotFound):
    code = "channels.unknown_account"
    template = "There is no channel account {account}. It may have been removed."


class BadChannelAccount(BadInput):
    code = "channels.bad_account"
    template = "The account cannot be kept like this: {reason}."


class AccountInUse(Conflict):
    code = "channels.account_in_use"
    template = "Posts went out by {account}. Let it rest instead of removing it."


class ChannelSecretsUnreadable(Conflict):
    code = "channels.secrets_unreadable"
    template = "The keys of {account} were sealed by another installation. Enter them again."


class UnknownChannelAddress(NotFound):
    code = "channels.unknown_address"
    template = "There is no account at this address."


class BadPost(BadInput):
    code = "channels.bad_post"
    template = "This cannot be posted: {reason}."


class UnknownPost(NotFound):
    code = "channels.unknown_post"
    template = "There is no post {post}."


class BadSubscription(BadInput):
    code = "channels.bad_subscription"
    template = "This browser's subscription cannot be kept: {reason}."


class BadLinkWord(BadInput):
    code = "channels.bad_link_word"
    template = "This link is not valid any more. Ask for a new one on your page at the shop."


class BadPolicy(BadInput):
    code = "messaging.bad_policy"
    template = "These rules cannot be saved: {reason}."


class BadTopic(BadInput):
    code = "messaging.bad_topic"
    template = "This topic cannot be saved: {reason}."


class SignUpUseless(BadInput):
    """Too old, mistyped, or somebody else's; which one is nobody's business who holds the link."""

    code = "messaging.sign_up_useless"
    template = "This link no longer works. Sign up again; the link works for 7 days."
