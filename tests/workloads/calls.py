"""Known call chains through what Python calls Python by: plain calls, C functions, generators, callbacks, a thread."""

import re
import threading


def spin(rounds):
    total = 0
    for i in range(rounds):
        total += i
    return total


class Worker:
    def method(self):
        return spin(3000)


def recurse(depth, worker):
    return recurse(depth - 1, worker) + 1 if depth else worker.method()


def generate(worker):
    for _ in range(20):
        yield recurse(3, worker)


def outer():
    return sum(generate(Worker()))


def by_key():
    return sorted(range(20), key=lambda number: spin(3000) - number)


def replace(found):
    return str(spin(3000)) + found.group()


def substitute():
    return re.sub("x", replace, "x" * 20)


def in_thread():
    while True:
        outer()


def größe_ночь():  # noqa: PLC2401 (strings are stored by their widest character)
    return spin(60000)


def main():
    threading.Thread(target=in_thread, daemon=True).start()
    while True:
        outer()
        by_key()
        substitute()
        größe_ночь()


main()
