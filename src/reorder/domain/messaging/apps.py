from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "reorder.domain.messaging"
    label = "messaging"
