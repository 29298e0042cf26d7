from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "reorder.domain.warehouse"
    label = "warehouse"
