from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "reorder.domain.payments"
    label = "payments"
