from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "reorder.domain.purchasing"
    label = "purchasing"
