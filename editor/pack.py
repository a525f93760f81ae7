"""Packs the SPARQL editor into one file when the package is built or installed from a clone.

The packages are those of package-lock.json, which pins them with their digests. Where there is no
Node.js, or no network, nothing is packed and nothing fails: the page's plain form works as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Seconds for all of it: a machine whose network says nothing shall not wait long.
_MOST = 60.0
_INSTALL = (
    "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline",
    "--fetch-retries=0", "--fetch-timeout=15000",
)  # fmt: skip
_BUNDLE = (
    "editor.js", "--bundle", "--minify", "--format=iife", "--target=es2022", "--charset=utf8",
    "--legal-comments=none", "--metafile=meta.json", "--outfile=packed.js",
)  # fmt: skip


class EditorHook(BuildHookInterface):
    """The build hook: hatchling calls it before it makes a wheel, an editable install or an sdist."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Pack the editor, and say what was done."""
        source = Path(self.root) / "editor"
        try:
            done = pack(source, Path(self.root) / "src/clustergraph/server/pages/packed")
        except OSError as error:
            done = f"not packed ({error}); the plain form serves instead"
        self.app.display_info(f"SPARQL editor: {done}")


def pack(source: Path, target: Path) -> str:
    """What was done, in one line; after it `target` has the editor and its licences, or nothing.

    Raises OSError where files cannot be read or written.
    """
    files = sorted(path for path in source.iterdir() if path.suffix in {".js", ".json"})
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    banner = f"/* clustergraph editor {digest} */"
    script = target / "editor.js"
    if script.exists() and script.read_text(encoding="utf-8").startswith(banner):
        return "packed already"
    shutil.rmtree(target, ignore_errors=True)
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return "not packed (there is no npm); the plain form serves instead"
    with tempfile.TemporaryDirectory(prefix="clustergraph-editor-", ignore_cleanup_errors=True) as name:
        room = Path(name)
        for path in files:
            shutil.copy(path, room)
        started = time.monotonic()
        bundler = room / "node_modules/esbuild/bin/esbuild"
        for command in ([npm, *_INSTALL], [node, str(bundler), *_BUNDLE, f"--banner:js={banner}"]):
            problem = _run(command, room, _MOST - (time.monotonic() - started))
            if problem:
                return f"not packed ({problem}); the plain form serves instead"
        target.mkdir(parents=True)
        (target / "editor.LICENSES.txt").write_text(_licenses(room), encoding="utf-8")
        shutil.copy(room / "packed.js", script)
        return f"packed, {script.stat().st_size // 1024} kB"


def _run(command: list[str], room: Path, seconds: float) -> str:
    """Why a command failed, in one line; empty where it did not. What it started ends with it."""
    with (room / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # the commands are ours
            command, cwd=room, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            if process.wait(timeout=seconds) == 0:
                return ""
        except subprocess.TimeoutExpired:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
            return f"{Path(command[0]).name} took more than {_MOST:g} s"
    lines = (room / "log").read_text(encoding="utf-8", errors="replace").split("\n")
    said = next((line for line in lines if "error" in line.lower()), f"exit {process.returncode}")
    return f"{Path(command[0]).name}: {said.strip()[:200]}"


def _licenses(room: Path) -> str:
    """The licences of the packages that the bundle holds."""
    inputs = json.loads((room / "meta.json").read_text(encoding="utf-8"))["inputs"]
    packages = sorted({_package(path) for path in inputs if path.startswith("node_modules/")})
    notices = []
    for name in packages:
        folder = room / "node_modules" / name
        said = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        text = next((path.read_text(encoding="utf-8") for path in sorted(folder.glob("LICEN[SC]E*"))), "")
        notices.append(f"{name} {said['version']} ({said.get('license', '')})\n\n{text.strip()}\n")
    return ("\n" + "-" * 72 + "\n\n").join(notices)


def _package(path: str) -> str:
    """The name of the package that a path below node_modules belongs to."""
    parts = path.split("/")[1:]
    return "/".join(parts[: 2 if parts[0].startswith("@") else 1])
