"""What can go wrong with customers and what is noted about them."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownCustomer(NotFound):
    code = "customers.unknown_customer"
    template = "There is no customer {customer_id}."


class CustomerErased(Conflict):
    code = "customers.erased"
    template = "This customer's personal data was erased; nothing can be noted or changed any more."


class BadNote(BadInput):
    code = "customers.bad_note"
    template = "The note cannot be saved: {reason}."


class UnknownNote(NotFound):
    code = "customers.unknown_note"
    template = "There is no note {note_id} of yours here; it may have been taken back already."


class CustomerMerged(Conflict):
    code = "customers.merged"
    template = "This customer record was merged into {kept_key}; work with that one."


class SameCustomer(BadInput):
    code = "customers.same_customer"
    template = "A customer record cannot be merged with itself; choose another one."


class PortalLinkUseless(BadInput):
    """Used, expired or mistyped; which one is nobody's business who holds the link."""

    code = "customers.portal_link_useless"
    template = "This link no longer works. Ask for a new one; a link works once, for 15 minutes."


class NoSuchPrivacyRequest(NotFound):
    code = "customers.no_privacy_request"
    template = "There is no privacy request {request_id}."


class PrivacyRequestOver(Conflict):
    code = "customers.privacy_request_over"
    template = "This request was answered already; somebody may have been quicker."


class BadTag(BadInput):
    code = "customers.bad_tag"
    template = "{given!r} is no tag: give one to 60 characters without commas, and at most 50 tags."


class BadAttribute(BadInput):
    code = "customers.bad_attribute"
    template = "The attribute {name} cannot be saved: {reason}."
