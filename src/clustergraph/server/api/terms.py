"""What an editor completes: the prefixes of the graph, and the classes and properties that it uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.server.http.protocol import Asked
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.service import Service
from clustergraph.settings import Settings
from clustergraph.sparql.bind import bind
from clustergraph.terms import compact
from clustergraph.workers.question import Question


async def terms(service: Service, request: Request) -> Response:
    """The terms as JSON: `prefixes` by name, `terms` with `iri`, `name`, `kind`, `uses`, `labels`.

    Those used most come first. `name` is a prefixed name, or the IRI in angle brackets.
    """
    with service.state.in_use() as state:
        settings = state.graph.settings

        async def make() -> bytes:
            text = (files("clustergraph.server.api") / "terms.rq").read_text(encoding="utf-8")
            asked = bind(text, {"property": list(settings.vocabulary.label)})
            answer = await service.answer(state, request, Asked(Question(text=asked, graph=None), None, None))
            document = json.loads(b"".join(answer.chunks()))
            found = {
                "prefixes": dict(sorted(settings.prefixes.items())),
                "terms": _terms(document["results"]["bindings"], settings),
            }
            return json.dumps(found, ensure_ascii=False).encode()

        return await kept(request, state, {"terms": ""}, make, media_type="application/json")


def _terms(rows: list[Mapping[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """The terms of the rows, each once, with the first label of each language."""
    order = [node.value for node in settings.vocabulary.label]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    rows = sorted(rows, key=lambda row: order.index(row["property"]["value"]) if "property" in row else 0)
    for row in rows:
        kind, iri = row["kind"]["value"], row["term"]["value"]
        name = compact(iri, settings.prefixes) or f"<{iri}>"
        uses = int(row["uses"]["value"])
        term = found.setdefault(
            (kind, iri), {"iri": iri, "name": name, "kind": kind, "uses": uses, "labels": {}}
        )
        if "label" in row:
            term["labels"].setdefault(row["label"].get("xml:lang", ""), row["label"]["value"])
    return sorted(found.values(), key=lambda term: (-term["uses"], term["name"]))
