import time


def hot(n):
    return sum(i * i % 7 for i in range(n))


def work(end):
    while time.monotonic() < end:
        hot(20_000)


work(time.monotonic() + 1.5)
