from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "reorder.domain.planning"
    label = "planning"
