"""The files with which the service is run elsewhere: what can be checked of them without a daemon."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from clustergraph.server import Bounds

FILES = Path(__file__).parent.parent / "docs" / "container"
INSTRUCTIONS = {
    "FROM", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip


def instructions() -> dict[str, str]:
    """The instructions of the Containerfile by name, continued lines as one."""
    text = re.sub(r"\\\n", " ", (FILES / "Containerfile").read_text())
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))  # type: ignore[misc]


def test_the_container_runs_what_there_is_and_not_as_root(tmp_path: Path) -> None:
    found = instructions()
    assert set(found) == INSTRUCTIONS
    assert not found["USER"].startswith(("0", "root"))
    command = json.loads(found["ENTRYPOINT"]) + json.loads(found["CMD"])
    assert command == ["clustergraph", "serve", "--host", "0.0.0.0"]
    help = subprocess.run(
        [sys.executable, "-m", *command[:2], "--help"], capture_output=True, text=True, check=True
    ).stdout
    plain = re.sub(r"\x1b\[[0-9;]*m", "", help)
    for name in re.findall(
        r"CLUSTERGRAPH_([A-Z_]+)=", found["ENV"] + (FILES / "clustergraph.service").read_text()
    ):
        assert "--" + name.lower().replace("_", "-") in plain
    assert json.loads(found["VOLUME"]) == ["/var/cache/clustergraph"]


def test_its_health_check_passes_where_the_service_is_ready(served: httpx.Client) -> None:
    check = json.loads(re.search(r"CMD (\[.*\])", instructions()["HEALTHCHECK"])[1])  # type: ignore[index]
    check[0], check[2] = sys.executable, check[2].replace("8000", str(served.base_url.port))
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    check[2] = check[2].replace("/health", "/nowhere")
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_sound(tmp_path: Path) -> None:
    text = (FILES / "clustergraph.service").read_text()
    unit = tmp_path / "clustergraph.service"
    unit.write_text(text.replace("/opt/clustergraph/bin/clustergraph", sys.executable))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert "clustergraph.service" not in found.stderr, found.stderr


def test_proxies_let_pass_what_the_service_takes() -> None:
    nginx = (FILES / "nginx.conf").read_text()
    assert nginx.count("{") == nginx.count("}")
    buffer = re.search(r"large_client_header_buffers \d+ (\d+)k", nginx)
    assert buffer
    assert int(buffer[1]) * 1024 >= Bounds().address
    assert "proxy_add_x_forwarded_for;" not in nginx.replace("# Not $proxy_add_x_forwarded_for", "")
