"""Signals: every one of a known number, with sender, target and result; filtered in the kernel."""

import subprocess
from collections import Counter

import pytest

from tests.bpf.probes.feed import python, rows_of

pytestmark = pytest.mark.bpf

SENT = 211
SENDS = f"""
import os, signal, sys
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
for _ in range({SENT}): os.kill(os.getpid(), signal.SIGUSR1)
os.kill(int(sys.argv[1]), signal.SIGTERM)
"""


@pytest.fixture
def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sleep", "1000"])


def test_every_signal_is_told_with_sender_and_target(sleeper: "subprocess.Popen[bytes]") -> None:
    rows = rows_of("signals", lambda: python(SENDS, str(sleeper.pid)), column="sender")
    assert sleeper.wait(60) == -15
    counted = Counter((row["signal"], row["target"] == sleeper.pid, row["origin"], row["result"]) for row in rows)
    assert counted["SIGUSR1", False, "kill", "ignored"] == SENT
    assert counted["SIGTERM", True, "kill", "delivered"] == 1
    (term,) = [row for row in rows if row["signal"] == "SIGTERM"]
    assert (term["target_name"], term["uid"]) == ("sleep", 0)


def test_a_number_and_a_name_filter_in_the_kernel(sleeper: "subprocess.Popen[bytes]") -> None:
    rows = rows_of("signals", lambda: python(SENDS, str(sleeper.pid)), column="sender", signal=15)
    assert [row["signal"] for row in rows] == ["SIGTERM"]
    other = subprocess.Popen(["sleep", "1000"])
    rows = rows_of("signals", lambda: python(SENDS, str(other.pid)), column="sender", comm="nobody")
    assert rows == []
    assert (sleeper.wait(60), other.wait(60)) == (-15, -15)
