from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "reorder.domain.inventory"
    label = "inventory"
