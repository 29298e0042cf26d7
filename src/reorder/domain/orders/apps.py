from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "reorder.domain.orders"
    label = "orders"
