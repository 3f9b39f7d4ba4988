"""Names of containers, from the files of their runtimes. No runtime's API: its socket would be root on the host."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Kubernetes writes a container's whole environment into these; more than this is not one of them.
MAX_FILE_BYTES = 4 * 2**20
_CRI_NAME = "io.kubernetes.cri.container-name"
_CRI_POD = "io.kubernetes.cri.sandbox-name"
_CRIO_NAME = "io.kubernetes.container.name"
_CRIO_POD = "io.kubernetes.pod.name"


class ContainerNames:
    """`root` is where the host's files are. A name is looked up once; a container never changes its id."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._names: dict[str, str] = {}

    def name(self, container: str, runtime: str) -> str:
        """The name a person gave, `pod/container` in Kubernetes, or empty when no file tells."""
        if container not in self._names:
            self._names[container] = self._look_up(container, runtime)
        return self._names[container]

    def keep(self, containers: set[str]) -> None:
        """Forget the names of all other containers."""
        self._names = {container: name for container, name in self._names.items() if container in containers}

    def _look_up(self, container: str, runtime: str) -> str:
        readers: dict[str, Callable[[str], str]] = {
            "docker": self._docker,
            "containerd": self._containerd,
            "cri-o": self._crio,
            "podman": self._podman,
        }
        if runtime in ("lxc", "systemd-nspawn"):
            return container
        try:
            return readers[runtime](container)[:128] if runtime in readers else ""
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
            return ""

    def _docker(self, container: str) -> str:
        config = self._json(f"var/lib/docker/containers/{container}/config.v2.json")
        return str(config["Name"]).lstrip("/")

    def _containerd(self, container: str) -> str:
        tasks = self._root / "run/containerd/io.containerd.runtime.v2.task"
        path = next(self._below(tasks, f"*/{container}/config.json"))
        notes = self._json(path)["annotations"]
        return f"{notes[_CRI_POD]}/{notes[_CRI_NAME]}"

    def _crio(self, container: str) -> str:
        path = f"var/lib/containers/storage/overlay-containers/{container}/userdata/config.json"
        notes = self._json(path)["annotations"]
        return f"{notes[_CRIO_POD]}/{notes[_CRIO_NAME]}"

    def _podman(self, container: str) -> str:
        stored = self._json("var/lib/containers/storage/overlay-containers/containers.json")
        return next(str(entry["names"][0]) for entry in stored if entry["id"] == container)

    def _below(self, directory: Path, pattern: str) -> Iterator[str]:
        return (str(path.relative_to(self._root)) for path in directory.glob(pattern))

    def _json(self, path: str) -> Any:
        file = self._root / path
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"{file} has more than {MAX_FILE_BYTES} bytes")
        return json.loads(file.read_text())
