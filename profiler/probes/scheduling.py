"""How probes see threads leave and come: by the tracepoint sched_switch, which tells more since Linux 5.18."""

from profiler.core.probe import Hook

SWITCH_HOOKS = (
    Hook(
        "state told",
        "each switch of threads tells the state that its thread leaves in",
        "STATE_TOLD",
        arguments=("sched_switch(number, task_struct*, task_struct*, number)",),
    ),
    Hook(
        "state read",
        "the state that a thread leaves in is read from the thread; of one that is woken at that very moment it is not "
        "known, and counts as sleep that signals end",
        "STATE_READ",
        arguments=("sched_switch(number, task_struct*, task_struct*)",),
        offsets=("task_struct.__state|task_struct.state",),
    ),
)
WAKING, WAKEUP = "sched_waking(task_struct*)", "sched_wakeup(task_struct*)"
WAKEUP_NEW = "sched_wakeup_new(task_struct*)"
