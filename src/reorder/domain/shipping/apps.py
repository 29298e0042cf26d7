from django.apps import AppConfig


class ShippingConfig(AppConfig):
    name = "reorder.domain.shipping"
    label = "shipping"
