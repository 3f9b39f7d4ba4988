"""What a command line shows of itself to everybody who may see the host."""

import subprocess
import time

import pytest

from profiler.agent.host.processes import command_line
from profiler.agent.host.redaction import hide_secrets


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("mysql --password=hunter2 -h db", "mysql --password=*** -h db"),
        ("mysql --password hunter2 -h db", "mysql --password *** -h db"),
        ("deploy --api-key 'a b' --dry-run", "deploy --api-key *** --dry-run"),
        ("java -Dspring.datasource.password=x -jar a.jar", "java -Dspring.datasource.password=*** -jar a.jar"),
        ("env DB_PASSWORD=x AWS_SECRET_ACCESS_KEY=y app", "env DB_PASSWORD=*** AWS_SECRET_ACCESS_KEY=*** app"),
        ('run --env {"TOKEN": "abc", "PORT": 1}', 'run --env {"TOKEN": ***, "PORT": 1}'),
        ("psql postgres://joe:pw@db/app", "psql postgres://joe:***@db/app"),
        ("redis-cli -u redis://:pw@db:6379", "redis-cli -u redis://:***@db:6379"),
        ("curl --oauth2-bearer-token=x --next", "curl --oauth2-bearer-token=*** --next"),
    ],
)
def test_values_of_what_is_named_like_a_secret_are_hidden(given: str, shown: str) -> None:
    assert hide_secrets(given) == shown


@pytest.mark.parametrize(
    "plain",
    [
        "python -m http.server 8000",
        "java -Xmx2g -jar tokenizer.jar",
        "grep token file",
        "sshd: root@pts/0",
        "git clone https://host/passwords.git",
        "app --token --verbose",
        "curl http://127.0.0.1:8000/a@b",
    ],
)
def test_everything_else_is_shown_as_it_is(plain: str) -> None:
    assert hide_secrets(plain) == plain


def test_a_secret_that_the_cut_line_would_end_in_is_hidden_too() -> None:
    arguments = ["sh", "-c", "read x", "x" * 230, "--password=" + "s" * 100]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE) as process:
        deadline = time.monotonic() + 10
        while not (shown := command_line(process.pid)).startswith("sh -c") and time.monotonic() < deadline:
            continue  # not executed yet
        process.communicate()
    assert "--password" in shown
    assert "sss" not in shown
