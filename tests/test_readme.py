"""Every command in README runs, in its order, against a copy of the content that its tour changes."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
SET_UP = BLOCKS[:2]
TOURS = [block for block in BLOCKS[2:] if "tests.bench" not in block]


def test_two_commands_do_all_the_set_up() -> None:
    assert [block.strip() for block in SET_UP] == [
        "pip install uv && uv run kb up",
        "pip install uv && uv run --group dev pytest",
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str], int]]:
    """A folder with the content and a running `kb up`, as a reader of README would have them."""
    if shutil.which("uv") is None:
        pytest.skip("uv is not on the path: README's commands are `uv run …`")
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(Path(os.environ.get("KB_TEST_CONTENT", ROOT / "content")), folder / "content")
    for name in ("pyproject.toml", "README.md", "LICENSE", "kb", "requirements.lock"):
        (folder / name).symlink_to(ROOT / name)
    port = _free_port()
    environment = {**os.environ, "UV_NO_SYNC": "1", "UV_PROJECT_ENVIRONMENT": str(Path(sys.prefix)), "BROWSER": "true"}
    environment |= {"KB_HOME": str(folder / "var"), "KB_PORT": str(port)}
    log = (folder / "up.log").open("w")
    command = SET_UP[0].strip().partition("&& ")[2].split()
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(port, server, folder / "up.log")
        yield folder, environment, port
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def test_every_tour_runs_as_written(desk: tuple[Path, dict[str, str], int]) -> None:
    """In README's order, since the approver's tour signs what the editor's has changed."""
    folder, environment, port = desk
    for tour in TOURS:
        script = "set -e\n" + tour.replace(":8080", f":{port}").replace("curl -s", "curl -fsS")
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{tour}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"kb up did not answer:\n{log.read_text(encoding='utf-8')}")
