"""What comes from elsewhere is what was published."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
READMES = sorted(VENDOR.glob("*/README.md"))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_vendored_file_has_its_published_content_and_a_licence(readme: Path) -> None:
    sums = {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", readme.read_text(), re.MULTILINE)}
    files = {path.name for path in readme.parent.iterdir()} - {"README.md", "LICENSE"}
    assert sums.keys() == files
    assert (readme.parent / "LICENSE").is_file()
    for name, digest in sums.items():
        assert sha256((readme.parent / name).read_bytes()).hexdigest() == digest, name


def test_nothing_is_vendored_without_its_sums() -> None:
    assert {path.parent for path in READMES} == {path for path in VENDOR.iterdir() if path.is_dir()} != set()
