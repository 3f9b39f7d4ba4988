"""Busy on any Python from 2.7 on."""


def spin(rounds):
    return sum(map(str.__len__, map(str, range(rounds))))


while True:
    spin(3000)
