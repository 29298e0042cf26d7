from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "reorder.domain.staff"
    label = "staff"
