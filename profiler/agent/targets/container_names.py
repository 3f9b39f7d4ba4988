"""Names and images of containers, from the files of their runtimes.

Not from a runtime's API: its socket would be root on the host.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

# What the first process sees is the host's, wherever the agent runs. Refused to users that may not look at it.
HOST_ROOTS = (Path("/proc/1/root"), Path("/"))
# Kubernetes writes a container's whole environment into these; more than this is not one of them.
MAX_FILE_BYTES = 4 * 2**20
# A registry's name, a path, a tag and a digest fit; the batch format holds no more.
MAX_NAME = 128
MAX_IMAGE = 512
_CRI_NAME = "io.kubernetes.cri.container-name"
_CRI_POD = "io.kubernetes.cri.sandbox-name"
_CRI_IMAGE = "io.kubernetes.cri.image-name"
_CRIO_NAME = "io.kubernetes.container.name"
_CRIO_POD = "io.kubernetes.pod.name"
_CRIO_IMAGE = "io.kubernetes.cri-o.ImageName"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration)


class ContainerFacts(NamedTuple):
    """`name`: the one a person gave, `pod/container` in Kubernetes. Empty when no file tells."""

    name: str = ""
    image: str = ""


class ContainerNames:
    """`root` is where the host's files are. A container is looked up once; it never changes its name or image."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or next((path for path in HOST_ROOTS if os.access(path, os.R_OK | os.X_OK)), Path("/"))
        self._facts: dict[str, ContainerFacts] = {}

    def facts(self, container: str, runtime: str) -> ContainerFacts:
        if container not in self._facts:
            self._facts[container] = self._look_up(container, runtime)
        return self._facts[container]

    def keep(self, containers: set[str]) -> None:
        """Forget all other containers."""
        self._facts = {container: facts for container, facts in self._facts.items() if container in containers}

    def _look_up(self, container: str, runtime: str) -> ContainerFacts:
        readers: dict[str, Callable[[str], ContainerFacts]] = {
            "docker": self._docker,
            "containerd": self._containerd,
            "cri-o": self._crio,
            "podman": self._podman,
        }
        if runtime in ("lxc", "systemd-nspawn"):
            return ContainerFacts(container)
        # A bare id below a directory of the administrator's does not tell its runtime, nor does one of Kubernetes.
        first = readers.pop(runtime, None)
        for read in (*filter(None, (first,)), *readers.values()):
            try:
                facts = read(container)
            except _UNREADABLE:
                continue
            return ContainerFacts(facts.name[:MAX_NAME], facts.image[:MAX_IMAGE])
        return ContainerFacts()

    def _docker(self, container: str) -> ContainerFacts:
        config = self._json(f"var/lib/docker/containers/{container}/config.v2.json")
        return ContainerFacts(str(config["Name"]).lstrip("/"), _text(config.get("Config"), "Image"))

    def _containerd(self, container: str) -> ContainerFacts:
        tasks = self._root / "run/containerd/io.containerd.runtime.v2.task"
        path = next(self._below(tasks, f"*/{container}/config.json"))
        notes = self._json(path)["annotations"]
        return ContainerFacts(f"{notes[_CRI_POD]}/{notes[_CRI_NAME]}", _text(notes, _CRI_IMAGE))

    def _crio(self, container: str) -> ContainerFacts:
        path = f"var/lib/containers/storage/overlay-containers/{container}/userdata/config.json"
        notes = self._json(path)["annotations"]
        return ContainerFacts(f"{notes[_CRIO_POD]}/{notes[_CRIO_NAME]}", _text(notes, _CRIO_IMAGE))

    def _podman(self, container: str) -> ContainerFacts:
        stored = self._json("var/lib/containers/storage/overlay-containers/containers.json")
        entry = next(entry for entry in stored if entry["id"] == container)
        return ContainerFacts(str(entry["names"][0]), _podman_image(entry))

    def _below(self, directory: Path, pattern: str) -> Iterator[str]:
        return (str(path.relative_to(self._root)) for path in directory.glob(pattern))

    def _json(self, path: str) -> Any:
        file = self._root / path
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"{file} has more than {MAX_FILE_BYTES} bytes")
        return json.loads(file.read_text())


def _text(mapping: Any, key: str) -> str:
    value = mapping.get(key, "") if isinstance(mapping, dict) else ""
    return value if isinstance(value, str) else ""


def _podman_image(entry: Any) -> str:
    """Podman keeps what it knows of a container as JSON text inside of its storage's JSON."""
    try:
        return _text(json.loads(_text(entry, "metadata")), "image-name")
    except ValueError:
        return ""
