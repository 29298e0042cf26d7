from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "reorder.domain.channels"
    label = "channels"
