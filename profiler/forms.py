"""The form of a new recording: the fields of RecordingSpec, as a person types them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from pydantic import ValidationError as SpecValidationError

from profiler.core.spec import CPU_PROBE, DEFAULT_DURATION_S, DEFAULT_FREQUENCY_HZ, MAX_TARGETS, RecordingSpec
from profiler.jobs.validation import field_errors
from profiler.models import Run
from profiler.probe_form import chosen_parameters, field_name, probe_fields

RATES = (("frequency", "times a second"), ("count", "by CPU time"))
STACKS = (("both", "user and kernel"), ("user", "user only"), ("kernel", "kernel only"))
# Digits of the longest id, a comma and a space, for each target.
MAX_IDS_TEXT = MAX_TARGETS * 9
# Fields of the form that a link may preset as they are.
RARE_FLAGS = ("include_idle", "delimiter", "annotations")
FLAGS = ("children", *RARE_FLAGS)
NAMED = ("comm", "container", "unit", "cgroup", "cpu")
SINGLE = ("probe", "duration_s", "frequency", "count", "stacks", *NAMED, *FLAGS)


class HostsField(forms.MultipleChoiceField):
    """Any names: the job service knows which hosts exist and says what is wrong with the others."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return True


class IdsField(forms.CharField):
    """Process or thread ids, separated by commas or spaces."""

    def to_python(self, value: Any) -> tuple[int, ...]:  # type: ignore[override] # a tuple, where CharField has a str
        words = re.split(r"[\s,]+", str(value or "").strip(", \t\r\n"))
        for word in filter(None, words):
            if not re.fullmatch(r"[0-9]{1,10}", word):
                raise ValidationError(f"{word[:40]!r} is not an id: give whole numbers, such as 812, 913")
        return tuple(int(word) for word in words if word)

    def validate(self, value: Any) -> None:
        """An empty tuple is fine."""

    def run_validators(self, value: Any) -> None:
        """The bounds are RecordingSpec's."""


class RecordForm(forms.Form):
    """`spec()` is the recording, once `is_valid()`. Bounds and their texts are RecordingSpec's own."""

    hosts = HostsField(error_messages={"required": "Choose at least one host."})
    rate = forms.ChoiceField(choices=RATES, required=False, initial="frequency")
    frequency = forms.IntegerField(required=False, initial=DEFAULT_FREQUENCY_HZ)
    count = forms.IntegerField(required=False)
    duration_s = forms.FloatField(initial=DEFAULT_DURATION_S, label="duration")
    pids = IdsField(required=False, max_length=MAX_IDS_TEXT)
    tids = IdsField(required=False, max_length=MAX_IDS_TEXT)
    comm = forms.CharField(required=False)
    container = forms.CharField(required=False)
    unit = forms.CharField(required=False)
    cgroup = forms.CharField(required=False)
    children = forms.BooleanField(required=False)
    cpu = forms.IntegerField(required=False)
    stacks = forms.ChoiceField(choices=STACKS, required=False, initial="both")
    include_idle = forms.BooleanField(required=False)
    delimiter = forms.BooleanField(required=False)
    annotations = forms.BooleanField(required=False)

    def __init__(self, *args: Any, hosts: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= probe_fields()
        cast("HostsField", self.fields["hosts"]).choices = [(name, name) for name in hosts]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        parameters = chosen_parameters(self)
        rate = data.get("rate")
        if rate and self._is_sampled and data.get(rate) is None and rate not in self.errors:
            self.add_error(rate, "give a number, or choose the other way to sample")
        if not self.errors:
            try:
                data["spec"] = RecordingSpec.model_validate(self._spec_fields(data) | {"parameters": parameters})
            except SpecValidationError as error:
                for field, text in field_errors(error):
                    self.add_error(field if field in self.fields else None, text)
        return data

    @property
    def _is_sampled(self) -> bool:
        return self.cleaned_data.get("probe") in ("", CPU_PROBE)

    def _spec_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """RecordingSpec's fields. Without `rate` both ways to say it count, and the spec refuses two."""
        fields = {name: data[name] for name in ("duration_s", "pids", "tids", *FLAGS)}
        fields |= {name: data[name] for name in NAMED if data[name] not in ("", None)}
        fields |= {"user_only": data["stacks"] == "user", "kernel_only": data["stacks"] == "kernel"}
        if not self._is_sampled:
            # The page does not offer these for other probes; a browser without scripts sends them all the same.
            return fields | {"probe": data["probe"], "include_idle": False}
        for name in ("frequency", "count"):
            if data["rate"] in ("", name):
                fields[name] = data[name]
        return fields

    def spec(self) -> RecordingSpec:
        return cast("RecordingSpec", self.cleaned_data["spec"])

    @property
    def chosen_hosts(self) -> Sequence[str]:
        """The names to tick when the form is drawn, whatever its state."""
        return [str(name) for name in self["hosts"].value() or []]

    @property
    def rare_in_use(self) -> bool:
        """Whether the folded part holds something, so that it must be open."""
        return any(self[name].value() or self.errors.get(name) for name in ("tids", "cgroup", "cpu", *RARE_FLAGS))


def initial_from_query(query: QueryDict) -> dict[str, Any]:
    """What links such as `/record/?host=web-1&pid=812` preset: `host`, `pid` and `tid` may repeat."""
    preset: dict[str, Any] = {name: query[name] for name in (*SINGLE, *probe_fields()) if name in query}
    for name, field in (("pid", "pids"), ("tid", "tids")):
        preset[field] = ", ".join(query.getlist(name))
    return preset | {"hosts": query.getlist("host"), "rate": "count" if "count" in query else "frequency"}


def query_of(run: Run) -> str:
    """The query string that presets the form to what a run recorded."""
    spec = run.job.recording
    asked = spec.model_dump(mode="json", exclude_defaults=True)
    pairs = [(name, asked[name]) for name in SINGLE if name in asked]
    pairs += [(field_name(spec.probe, name), value) for name, value in asked.get("parameters", {}).items()]
    pairs += [("pid", pid) for pid in spec.pids] + [("tid", tid) for tid in spec.tids]
    if spec.user_only or spec.kernel_only:
        pairs.append(("stacks", "user" if spec.user_only else "kernel"))
    return urlencode([("host", run.host_id), *pairs])
