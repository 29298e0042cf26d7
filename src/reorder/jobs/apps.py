from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "reorder.jobs"
    label = "jobs"
