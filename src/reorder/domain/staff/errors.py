"""What can go wrong with people, tokens and what they may do."""

from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError


class NotAllowed(ReorderError):
    code = "staff.not_allowed"
    template = "{actor} is not allowed to do this ({ability}). Ask an owner for another role."


class UnknownUser(NotFound):
    code = "staff.unknown_user"
    template = "There is no user {username}."


class BadUser(BadInput):
    code = "staff.bad_user"
    template = "The user {username!r} cannot be saved: {reason}."


class UserChanged(Conflict):
    code = "staff.user_changed"
    template = "{username} was changed by somebody else meanwhile. This page shows the account as it is now."


class UserStopped(Conflict):
    code = "staff.user_stopped"
    template = "The account {username} is stopped. An owner can open it again under Setup, Users."


class LastOwner(Conflict):
    code = "staff.last_owner"
    template = "{username} is the last active owner: make somebody else an owner first."


class SignInLinkUseless(BadInput):
    """Used, expired, or never made; which of them is not told."""

    code = "staff.sign_in_link_useless"
    template = "This sign-in link was used already or is too old. Make a new one with: reorder user link NAME"


class BadToken(BadInput):
    code = "staff.bad_token"
    template = "The token {name!r} cannot be saved: {reason}."


class UnknownToken(NotFound):
    code = "staff.unknown_token"
    template = "There is no token {token_id}."


class BadSavedView(BadInput):
    code = "staff.bad_saved_view"
    template = "The view cannot be saved: {reason}."
