"""How many bytes each process sends and receives over sockets of networks."""

from profiler.core.probe import COMM, PID, Emits, Field, Probe, Shows
from profiler.core.process_counts import PROCESS, counted, counts_dtype

SENT = Field("sent", Shows.BYTES, "Sent")
RECEIVED = Field("received", Shows.BYTES, "Received")
SENDS = Field("sends", Shows.NUMBER, "Sends", "calls that sent something")
RECEIVES = Field("receives", Shows.NUMBER, "Receives", "calls that received something")
VALUES = (SENT, RECEIVED, SENDS, RECEIVES)

PROBE = Probe(
    name="socket_bytes",
    title="Network bytes by process",
    about="What each process sends and receives over TCP, UDP and other sockets of IP, second by second: bytes of its "
    "data, without headers and without what is sent again.",
    emits=Emits.COUNTERS,
    needs=("sock:sock_send_length", "sock:sock_recv_length"),
    cost_ns=150,
    arguments=("sock_send_length(sock*, number, number)", "sock_recv_length(sock*, number, number)"),
    offsets=("sock.__sk_common.skc_family",),
    parameters=(PID, COMM),
    fields=(*PROCESS, *VALUES),
    decode=counted(*VALUES),
    record=counts_dtype(len(VALUES)),
)
