"""What messages say: which version somebody gets, and the version written out for them."""

from reorder.flows.content.choosing import Chosen, VersionBook, choose_version, list_channels_of, open_book
from reorder.flows.content.previewing import Preview, preview_version, render_preview, send_trial
from reorder.flows.content.rendering import Rendered, render_message, render_messages

__all__ = [
    "Chosen",
    "Preview",
    "Rendered",
    "VersionBook",
    "choose_version",
    "list_channels_of",
    "open_book",
    "preview_version",
    "render_message",
    "render_messages",
    "render_preview",
    "send_trial",
]
