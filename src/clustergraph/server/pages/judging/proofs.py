"""The page that says why: a form for a triple, its proof as a tree, or what it lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import ParameterError
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.places import Places, places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.service import Service
from clustergraph.workers.question import Task

# Steps of a proof below each other; deeper ones are shown as what they are, without their own.
_DEEPEST = 40


@dataclass(frozen=True)
class Step:
    """One triple of a proof: its terms in words, by which rule, from what, or where it stands."""

    terms: tuple[tuple[str, str, str], ...]
    rule: str
    axioms: tuple[str, ...]
    premises: tuple[Step, ...]
    source: tuple[str, str]
    file: str
    line: int


class ProofPages:
    """Pages of explanations, from the present state of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def page(self, request: Request, given: Mapping[str, str]) -> Response:
        """The page: with all three terms the proof, 404 with what is lacking where it does not follow."""
        with self._service.state.in_use() as state:
            settings = state.graph.settings
            reading = reader(request, settings.languages)
            places = places_of(request, state, reading)
            shown: dict[str, object] = {"given": given, "step": None, "lack": None, "wrong": None}
            status = 200
            if all(given.values()):
                asked = (*given.items(), ("lang", reading.language), ("format", "tree"))
                try:
                    answer = await self._service.performed(state, request, Task("explain", asked))
                except ParameterError as error:
                    shown["wrong"], status = error, 400
                else:
                    found = json.loads(b"".join(answer.chunks()))
                    if answer.note("entailed") == "no":
                        shown["lack"], status = _lack(found, reading), 404
                    else:
                        shown["step"] = _step(found, places)
            content = rendering.render("explain.html", request, state.graph, reading, **shown)
            return rendering.html_response(request, content, reading, status)


def _step(found: Mapping[str, Any], places: Places, depth: int = 0) -> Step:
    graph = found["graph"]
    return Step(
        terms=tuple(_term(term, places) for term in found["terms"]),
        rule=found["rule"],
        axioms=tuple(found["axioms"]),
        premises=tuple(_step(one, places, depth + 1) for one in found["premises"] if depth < _DEEPEST),
        source=("", "") if graph is None else _term(graph, places)[:2],
        file=found["file"] or "",
        line=found["line"] or 0,
    )


def _term(term: Mapping[str, str], places: Places) -> tuple[str, str, str]:
    """What a term is called, the address of its page, and how it is written."""
    iri = term["iri"]
    href = places.page(iri) if iri and (places.is_own(iri) or places.ontology_name(iri)) else ""
    return term["label"] or term["text"], href, term["text"]


def _lack(found: Mapping[str, Any], reading: Reader) -> dict[str, Any]:
    lack = found["lack"]
    return {
        "terms": found["shown"],
        "unmentioned": [(term[1:-1], near) for term, near in found["unmentioned"].items()],
        "rule": "" if lack is None else lack["rule"],
        "missing": "" if lack is None else lack["missing"],
        "held": () if lack is None else lack["held"],
        "axioms": () if lack is None else lack["axioms"],
        "language": reading.language,
    }
