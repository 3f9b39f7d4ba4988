"""Where an object store is: a start refuses what can't be one, and nobody ever sees the secrets."""

import json
import logging
from pathlib import Path

import pytest

from profiler.store.errors import StoreError, UnavailableError
from profiler.store.objects.address import ObjectAddress
from profiler.store.objects.bucket import Bucket
from webprof.env import SettingError
from webprof.store_setting import store_url

SECRET = "hush-hush-hush"
OPTIONS = json.dumps({"key": "somebody", "secret": SECRET, "client_kwargs": {"verify": False}})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("profiles", "expected s3://bucket/prefix"),
        ("s3:bucket", "expected s3://bucket/prefix"),
        ("s3://", "expected a place"),
        ("s3://bucket/p?versionId=1", "expected a place"),
        ("filecache::s3://bucket", "expected a place"),
        (f"s3://me:{SECRET}@bucket/p", "secrets belong into WEBPROF_STORE_OPTIONS"),
        ("floppy://a", "'floppy' is no kind of store that fsspec knows"),
        ("gs://bucket/p", "needs gcsfs: pip install 'gcsfs'"),
        ("memory://p", "ends with it"),
    ],
)
def test_what_is_no_place_stops_the_start(monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    monkeypatch.setenv("WEBPROF_STORE", url)
    with pytest.raises(SettingError, match=f"^WEBPROF_STORE: .*{said}") as refused:
        store_url()
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("options", ['{"secret": "hush-hush-hush"', '["hush-hush-hush"]', "/no/such/hush-hush-hush"])
def test_options_that_are_none_are_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, options: str) -> None:
    monkeypatch.setenv("WEBPROF_STORE", "s3://bucket")
    monkeypatch.setenv("WEBPROF_STORE_OPTIONS", options)
    with pytest.raises(SettingError, match="WEBPROF_STORE_OPTIONS") as refused:
        store_url()
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("url", ["", "s3://bucket/a/b", "file:///mnt/x", "clickhouse://me:pw@host/db"])
def test_what_is_a_place_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("WEBPROF_STORE", url)
    assert store_url() == url


def test_options_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "options.json"
    file.write_text(OPTIONS)
    assert ObjectAddress.parse("s3://bucket", str(file)) == ObjectAddress.parse("s3://bucket", OPTIONS)


def test_secrets_are_not_shown_by_an_address_or_by_errors(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = ObjectAddress.parse("file:///nowhere", OPTIONS)
    assert SECRET not in f"{address} {address!r}"

    def refuse(*_: object) -> None:
        raise OSError(f"signature of somebody:{SECRET} is wrong\nmore {SECRET}")

    monkeypatch.setattr(ObjectAddress, "open", refuse)
    with pytest.raises(UnavailableError) as refused:
        Bucket(address).names()
    try:
        raise refused.value
    except StoreError:
        logging.getLogger("test").exception("it failed")
    for said in (str(refused.value), caplog.text):
        assert SECRET not in said
    assert str(refused.value) == "file:///nowhere: listing: OSError: signature of …:… is wrong"
