"""What can go wrong with templates and what is made of them."""

from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError


class UnknownTemplate(NotFound):
    code = "content.unknown_template"
    template = "There is no template {template_code}."


class UnknownVersion(NotFound):
    code = "content.unknown_version"
    template = "There is no version {version} of the template {template_code}."


class TemplateTaken(Conflict):
    code = "content.taken"
    template = "There is a template {template_code} already. Choose another code."


class VersionChanged(Conflict):
    code = "content.version_changed"
    template = "This version is {state} now and cannot be {action}. Look at it again."


class BadTemplate(BadInput):
    """A form that cannot be used; `fault` is told in words with the line."""

    code = "content.bad_template"
    template = "{field}, line {line}: {reason}. {value}"


class ApprovalNeedsAnother(Conflict):
    code = "content.approval_needs_another"
    template = "Another person than who wrote it must let this version go."


class NoVersion(ReorderError):
    """No version of the template can go by this channel."""

    code = "content.no_version"
    template = "The template {template_code} has nothing to say by {channel}."


class NotRenderable(ReorderError):
    """A message that cannot be written as it should be: it is held with this reason, and never sent half."""

    code = "content.not_renderable"
    template = "The message cannot be written: {reason}. {value}"


class BadTrackedLink(BadInput):
    """Not one of ours, or cut by a mail program."""

    code = "content.bad_link"
    template = "This link does not work. It may have been cut by the mail program."


class BadContent(BadInput):
    """Something of the library, the look of messages or the cart of another shop that cannot be saved."""

    code = "content.bad"
    template = "{what} cannot be saved: {reason}. {value}"


class UnknownArticle(NotFound):
    code = "content.unknown_article"
    template = "There is nothing {article} in the library."


# Reasons that these errors carry; a surface translates them.
REASON_TEMPLATES = (
    "the text is longer than is allowed",
    "sections lie too deep in each other",
    "a tag is not closed",
    "a tag has no name",
    "templates cannot load other templates",
    "the signs of tags cannot be changed",
    "only {{name}} is allowed, which makes signs harmless",
    "this section was never opened",
    "this section is not closed",
    "nobody knows this variable",
    "messages of this kind do not have this variable",
    "this may be empty: write {{name|instead}}, or a section around it",
    "this is a list: write a section around it",
    "this is a section: it cannot be written as a word",
    "MJML cannot be read",
    "this is not JSON",
    "this form needs it",
    "it has more characters than the channel takes",
    "this field is unknown to the channel",
    "there is no such channel",
    "scripts and forms are not allowed",
    "a variable has no value",
    "it became longer than is allowed",
    "there is no version of the template",
    "there is no such customer",
    "it is no address",
    "the address must have {lines}",
    "the address may have {lines} and {coupon} only",
    "a line must have {variant}",
    "a separator has one to four signs",
    "say first where carts lead",
    "it has more than 2 MB",
    "it has more than 4 MB, or none was chosen",
    "a column is missing",
    "what is packed in it is too large",
    "there is neither MJML nor HTML in it",
    "it cannot be unpacked",
    "it is not text in UTF-8",
    "a number has 1 to 64 letters and digits",
    "it has no goods to name",
    "the offer cannot be given",
    "a code has 2 to 64 small letters, digits, hyphens and underscores",
    "there is no such kind of message",
    "there is no such purpose",
    "we write in English and Traditional Chinese",
    "a variant has at most 32 letters and digits",
    "a weight lies between 0 and 10,000",
    "marketing mail must have {{unsubscribe_url}}",
    "there is no such kind",
    "it needs a title of at most 200 characters",
    "it needs a text of at most 5,000 characters",
    "an address begins with https:// or http://",
    "a colour is a # and six digits or letters from a to f",
    "there is no such product",
    "it needs a name of at most 120 characters",
)
# What `what` of these errors names, and states of versions as their marks say them.
SUBJECT_TEMPLATES = ("the article", "the look", "the file", "the cart of the other shop")
STATE_TEMPLATES = ("draft", "waiting", "live", "retired")
