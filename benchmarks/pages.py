"""First byte and weight of each kind of page, cold and warm, of a service that really listens.

Cold is the first request of a new service, warm the median of the next ones: not kept by the client,
over one connection. Run it on a quiet machine:

    python benchmarks/pages.py [--root DIR] [--repeat N]
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).parent.parent
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CLASSES = "SELECT ?class (COUNT(*) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY ?class"
PAGES = {
    "home": "/",
    "questions": "/queries",
    "question, form": "/queries/program-areas",
    "question, table": "/queries/program-areas?program=kci-first-stage",
    "question, chart": "/queries/yearly-funding?program=kci-second-stage",
    "thing": "/page/area/sapporo",
    "thing, many facts": "/page/program/kci",
    "class": "/ont/ClusterArea.html",
    "ontology": "/ont",
    "search": "/search?q=sapporo",
    "editor": "/sparql",
    "editor, table": f"/sparql?query={quote(CLASSES)}",
    "validate": "/validate",
    "API": "/docs",
    "stylesheet": "/style.css",
}


@dataclass(frozen=True)
class Measured:
    """One request: its status, seconds until the first byte, bytes as sent and as read."""

    status: int
    seconds: float
    sent: int
    read: int


@contextmanager
def service(root: Path) -> Iterator[str]:
    """The host and port of a new service on a folder."""
    command = [sys.executable, "-m", "clustergraph", "--root", str(root), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "http://" in line:
                address = next(word for word in line.split() if word.startswith("http://"))
                break
        else:
            raise SystemExit("the service did not start")
        yield urlsplit(address.strip("().,")).netloc
    finally:
        process.terminate()
        process.communicate(timeout=10)


def request(connection: http.client.HTTPConnection, path: str) -> Measured:
    started = time.perf_counter()
    connection.request("GET", path, headers={"Accept": ACCEPT, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()  # returns with the head, which comes with the first byte
    seconds = time.perf_counter() - started
    body = answer.read()
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    return Measured(answer.status, seconds, len(body), len(gzip.decompress(body)) if is_packed else len(body))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--repeat", type=int, default=30)
    options = parser.parse_args()
    print(
        f"{'page':20} {'status':>6} {'cold ms':>8} {'warm ms':>8} {'p95 ms':>8} {'kB sent':>8} {'kB read':>8}"
    )
    slow = 0
    with service(options.root) as host:
        connection = http.client.HTTPConnection(host, timeout=60)
        for name, path in PAGES.items():
            first = request(connection, path)
            more = [request(connection, path).seconds for _ in range(options.repeat)]
            warm = statistics.median(more)
            p95 = sorted(more)[int(len(more) * 0.95)]
            slow += warm > 0.020
            print(
                f"{name:20} {first.status:6} {first.seconds * 1000:8.1f} {warm * 1000:8.1f} {p95 * 1000:8.1f}"
                f" {first.sent / 1024:8.1f} {first.read / 1024:8.1f}"
            )
    print(f"{len(PAGES) - slow} of {len(PAGES)} pages have their first byte within 20 ms when warm")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
