"""Debug files over the API: sent, followed, listed, missing."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from profiler.debugfiles.reading import read_debug_file
from profiler.ingest.store import Origin, store
from tests.api.conftest import As
from tests.programs import MODULE, StrippedProgram

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> StrippedProgram:
    return StrippedProgram.build(tmp_path_factory.mktemp("program"))


def test_a_file_is_sent_read_listed_and_found_by_its_build(owner: User, program: StrippedProgram, call: As) -> None:
    client = call(owner)
    content = program.debug.read_bytes()
    sent = client.send("debug-files", file=SimpleUploadedFile("a.debug", content)).json()
    assert (sent["state"], sent["build_id"], sent["uploader"]) == ("queued", "", "olga")
    read_debug_file(sent["id"])
    path = sent["status_url"].removeprefix("/api/v1/")
    found = client.get(path).json()
    assert (found["state"], found["build_id"], found["size"]) == ("ready", program.build_id, len(content))
    assert [file["id"] for file in client.get("debug-files").json()["items"]] == [sent["id"]]


def test_a_build_id_that_the_client_claims_is_not_looked_at(owner: User, program: StrippedProgram, call: As) -> None:
    file = SimpleUploadedFile("a.debug", program.debug.read_bytes())
    sent = call(owner).send("debug-files", file=file, build_id="00" * 20, name="x").json()
    read_debug_file(sent["id"])
    assert call(owner).get(f"debug-files/{sent['id']}").json()["build_id"] == program.build_id


def test_what_is_missing_is_told_for_all_and_for_one_profile(owner: User, program: StrippedProgram, call: As) -> None:
    stored = store(program.profile(), Origin(owner, "stripped", "recording"))
    client = call(owner)
    expected = {
        "build_id": program.build_id,
        "module": MODULE,
        "value": len(program.code_of("spin")),
        "profiles": 1,
        "answer": "",
        "asked_at": None,
        "has_file": False,
        "waiting": False,
    }
    assert client.get("debug-files/missing").json() == [expected]
    assert client.get(f"profiles/{stored.pk}/missing").json() == [expected]


def test_a_request_without_a_file_is_refused(owner: User, call: As) -> None:
    answer = call(owner).send("debug-files")
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "file"
