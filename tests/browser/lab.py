"""A JupyterLab of its own for the tests: free port, temporary settings, a copy of the notebooks."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from jupyter_server.serverapp import list_running_servers

ROOT = Path(__file__).parents[2]

# Only what a test cannot do without; the rest is what a learner has.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {
        "windowingMode": "none"
    },  # cells out of sight are in the page too
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
# It appears, late, where no notebook is open, and takes the focus from the next one.
WITHOUT = {"disabledExtensions": {"@jupyterlab/launcher-extension": True}}


class Lab:
    """JupyterLab running in a child process over `root`, a folder that holds a copy of notebooks/."""

    def __init__(self, root: Path, process: psutil.Popen, url: str, token: str):
        self.root = root
        self.process = process
        self.url = url
        self.token = token

    def address(self, notebook: str) -> str:
        return f"{self.url}doc/tree/{notebook}?token={self.token}&reset"

    def kernels(self) -> list[psutil.Process]:
        return [p for p in self.process.children() if "ipykernel_launcher" in " ".join(p.cmdline())]


def environment(home: Path, runtime: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "COMANDA_HOME": "comanda",
    }
    own = {name: str(home / folder) for name, folder in folders.items()}
    return os.environ | own | {"JUPYTER_RUNTIME_DIR": str(runtime)}


def address(process: psutil.Popen, runtime: Path, log: Path) -> str:
    """Wait until the server says where it listens."""
    while True:
        for server in list_running_servers(str(runtime)):
            return server["url"]
        try:
            process.wait(timeout=0.1)
        except psutil.TimeoutExpired:
            continue
        raise RuntimeError(f"JupyterLab ended before it was ready:\n{log.read_text()[-3000:]}")


@contextmanager
def jupyterlab(home: Path) -> Iterator[Lab]:
    root = home / "taller"
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns("__pycache__"))
    for plugin, value in SETTINGS.items():
        file = home / "settings" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))
    (home / "config" / "labconfig").mkdir(parents=True)
    (home / "config" / "labconfig" / "page_config.json").write_text(json.dumps(WITHOUT))
    token, log = secrets.token_hex(16), home / "lab.log"
    runtime = Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))  # the path of a unix socket has to be short
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.root_dir": str(root),
        "ServerApp.allow_root": "True",
        # By TCP it knocks for a minute at the ports of a kernel that ended: by then, another test's.
        "KernelManager.transport": "ipc",
        "IdentityProvider.token": token,
        "LabApp.extension_manager": "readonly",
        "LabApp.expose_app_in_browser": "True",
    }
    with log.open("w") as output:
        process = psutil.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", *(f"--{k}={v}" for k, v in options.items())],
            env=environment(home, runtime),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Lab(root, process, address(process, runtime, log), token)
    finally:
        kernels = process.children(recursive=True)
        process.terminate()
        _, slow = psutil.wait_procs([process], timeout=20)
        for late in slow:
            late.kill()
        psutil.wait_procs([process, *kernels], timeout=10)
        shutil.rmtree(runtime, ignore_errors=True)  # a kernel may still be removing its own
