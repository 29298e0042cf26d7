from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "reorder.web"
    label = "web"
