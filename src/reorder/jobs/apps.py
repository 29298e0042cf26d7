from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "reorder.jobs"
    label = "jobs"

    def ready(self) -> None:
        from reorder.jobs.queue import ProcrastinateQueue
        from reorder.kernel.jobs import use_queue

        use_queue(ProcrastinateQueue())
