"""`/explain`: why a triple holds, as a proof for programs or a tree for readers."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import ParameterError
from clustergraph.server.http import options, problem, protocol
from clustergraph.server.http.offers import PROOFS
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.pages.judging.proofs import ProofPages
from clustergraph.server.service import Service
from clustergraph.workers.question import Answer, Task

NAMES = ("subject", "predicate", "object")


class Explanations:
    """The endpoint `/explain`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages = ProofPages(service)

    async def answer(self, request: Request) -> Response:
        """The proof of a triple; 404 with what is lacking where it does not follow."""
        given = options.options(request, NAMES)
        format = options.chosen(request, given.get("format"), PROOFS)
        if format == "html":
            return await self._pages.page(request, {name: given.get(name, "") for name in NAMES})
        for name in NAMES:
            if name not in given:
                raise ParameterError(name, expected="an IRI, a prefixed name or a literal in Turtle")
        languages = self._service.state.graph.settings.languages
        language = options.spoken(given, languages, reader(request, languages).language)
        asked = (*((name, given[name]) for name in NAMES), ("lang", language), ("format", format))
        return await self._service.perform(
            request,
            # What it lacks is read here, so that it comes as it is.
            Task("explain", asked),
            seconds=protocol.seconds(given.get("timeout")),
            headers=lambda _: {"Content-Language": language},
            otherwise=_lacking,
        )


def _lacking(answer: Answer) -> Response | None:
    """The refusal where the triple does not follow, with what it lacks."""
    if answer.note("entailed") != "no":
        return None
    found = json.loads(b"".join(answer.chunks()))
    return problem.problem(404, "the triple does not follow from the graph", **found)
