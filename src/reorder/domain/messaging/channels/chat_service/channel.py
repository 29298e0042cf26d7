"""See apprise_way: this folder differs from its sibling in whom it speaks to."""

from reorder.domain.messaging.channels.apprise_way import make_channel

__all__ = ["make_channel"]
