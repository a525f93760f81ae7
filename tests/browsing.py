"""A real browser, which reports all that goes wrong in it: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_LOOK = (Path(__file__).parent / "browsing.js").read_text(encoding="utf-8").rstrip().removesuffix(";")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def executable() -> str | None:
    """The machine's own Chromium, or None."""
    return next((found for name in _CHROMIUM if (found := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Any]:
    """A browser that reaches this machine only, with a profile that is thrown away."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # it is not there on each machine

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=executable(), args=list(_QUIET))
        try:
            yield started
        finally:
            started.close()


class Visit:
    """A visit to a site: `page` is Playwright's, `troubles` what went wrong since the last look."""

    def __init__(self, browser: Any, address: str, *, language: str = "en", scripts: bool = True) -> None:
        self.address = address
        self.troubles: list[str] = []
        self.expected: set[int] = set()
        context = browser.new_context(
            base_url=address,
            locale=language,
            java_script_enabled=scripts,
            viewport=DESKTOP,
            reduced_motion="reduce",  # colours on their way from one theme to the other are neither
        )
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.set_default_navigation_timeout(30_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def go(self, path: str) -> Any:
        """The page at a path."""
        self.page.goto(path)
        return self.page

    def text(self) -> str:
        """What can be read on the page."""
        return str(self.page.inner_text("main"))

    def look(self) -> None:
        """Raise AssertionError where anything went wrong since the last look."""
        found, self.troubles = self.troubles, []
        assert not found

    def _heard(self, message: Any) -> None:
        # What the network has to say is in `_answered`, with its address.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address + "/", "data:", "about:")):
            self.troubles.append(f"a request left the host: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.troubles.append(f"{response.status}: {response.url}")


def faults(page: Any, *, night: bool = False) -> list[str]:
    """What is wrong with how a page looks on a phone and on a desk: one by day, the other by night."""
    found = []
    for size, dark in ((PHONE, not night), (DESKTOP, night)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if dark else "light")
        found += [f"{size['width']} px{' dark' if dark else ''}: {fault}" for fault in page.evaluate(_LOOK)]
    return found
