"""Values of different sampling rates are added as CPU time: each series says what one of its samples stands for.

Series that were kept before did not say it. Of continuous profiling it is the rate of the plans, when they agree, else
the default; of recordings the rate of those that the host still has, when they agree, else the default.
"""

from django.db import migrations, models

DEFAULT_CONTINUOUS_NS, DEFAULT_RECORDING_NS = round(1e9 / 19), round(1e9 / 99)


def fill(apps, schema_editor):
    series = apps.get_model("profiler", "StoreSeries").objects.filter(subject__unit="samples", subject__kind="cpu")
    recordings = apps.get_model("profiler", "StoredProfile").objects.filter(kind="cpu", unit="samples", period_ns__gt=0)
    rates = set(apps.get_model("profiler", "ContinuousPlan").objects.values_list("frequency", flat=True))
    continuous = round(1e9 / rates.pop()) if len(rates) == 1 else DEFAULT_CONTINUOUS_NS
    of_host = {}
    for host, period in recordings.values_list("host_id", "period_ns").distinct():
        of_host.setdefault(host, set()).add(period)
    for one in series.iterator():
        periods = of_host.get(one.labels.get("host"), set())
        recorded = next(iter(periods)) if len(periods) == 1 else DEFAULT_RECORDING_NS
        one.period_ns = continuous if one.labels.get("source") == "continuous" else recorded
        one.save(update_fields=["period_ns"])


class Migration(migrations.Migration):
    dependencies = [("profiler", "0008_overview_of_profiles")]

    operations = [
        migrations.AddField(
            model_name="storeseries",
            name="period_ns",
            field=models.BigIntegerField(
                default=0, help_text="CPU time of each counted sample; 0: values are no samples"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
