from django.apps import AppConfig


class ProfilerConfig(AppConfig):
    name = "profiler"
    default_auto_field = "django.db.models.BigAutoField"
