"""Parameters of probes whose place somebody chooses."""

from profiler.core.probe import Text


def program_file(example: str) -> Text:
    """The file that has what is looked for; `example` is a path, and the default."""
    return Text(
        "file",
        "File",
        "The program or library; as the process sees it, where one process is recorded.",
        r"/[^\0\n]{1,4000}",
        f"a path such as {example}",
        example,
    )
