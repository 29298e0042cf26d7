from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "reorder.domain.customers"
    label = "customers"
