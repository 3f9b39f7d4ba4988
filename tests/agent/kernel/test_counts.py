import pytest

from profiler.agent.kernel.counts import cpu_list


@pytest.mark.parametrize(
    ("text", "cpus"), [("0-1\n", [0, 1]), ("0", [0]), ("0-2,5,7-8\n", [0, 1, 2, 5, 7, 8]), ("\n", [])]
)
def test_a_kernel_cpu_list_is_read(text: str, cpus: list[int]) -> None:
    assert cpu_list(text) == cpus
