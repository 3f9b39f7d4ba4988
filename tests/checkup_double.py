"""A 60-second check that has ended, as if host web-1 had answered."""

from django.contrib.auth.models import User

from profiler.core.checkup import CPU, Answer, Common
from profiler.core.checkup import Checkup as Report
from profiler.models import Checkup, HostCheckup, Run

COMMAND = "cat /proc/slabinfo"
# Of a host that hides what may be private.
HIDDEN_PATH = "web ?"


def report(host: str) -> Report:
    """Programs start, files are opened whose paths the host hides; nobody asked the other questions."""
    programs = Answer(question="programs", seconds=10, total=4120, top=(Common(label=COMMAND, count=4000),))
    opens = Answer(
        question="opens",
        seconds=10,
        total=7,
        top=(Common(label=HIDDEN_PATH, count=7),),
        events=({"at_ns": "1763800000000000000", "pid": "7", "name": "web", "took": "1500"},),
    )
    cpu = Answer(question=CPU, seconds=10, total=11, figures={"period_ns": 1e7})
    return Report(host=host, start_ns=1, seconds=10, cpus=2, answers=(programs, opens, cpu))


def ended_checkup(owner: User, host: str = "web-1", run: Run | None = None) -> Checkup:
    checkup = Checkup.objects.create(owner=owner, seconds=10, since_ms=1)
    HostCheckup.objects.create(checkup=checkup, host_id=host, run=run, data=report(host).model_dump(mode="json"))
    return checkup
