"""What the service says of itself in RDF: the service description and VoID, counted from the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files

from starlette.requests import Request

from clustergraph.server.http import media
from clustergraph.server.http.address import home
from clustergraph.server.http.negotiation import best
from clustergraph.server.http.protocol import Asked, accept, encoding
from clustergraph.server.state import State
from clustergraph.sparql.bind import bind
from clustergraph.terms import Literal, NamedNode, Term
from clustergraph.workers.question import Question

_HERE = files("clustergraph.server.api")


def service_description(request: Request) -> Asked:
    """The question whose answer is the service description of the endpoint."""
    endpoint = NamedNode(f"{home(request)}sparql")
    return _asked(request, "service-description.rq", {"endpoint": [endpoint]})


def void(request: Request, state: State) -> Asked:
    """The question whose answer is the VoID description of the dataset."""
    base, settings = home(request), state.graph.settings
    document = f"{base}.well-known/void"
    bound: dict[str, list[Term]] = {
        "document": [NamedNode(document)],
        "dataset": [NamedNode(f"{document}#dataset")],
        "endpoint": [NamedNode(f"{base}sparql")],
        "home": [NamedNode(base)],
        "space": [Literal(settings.base)],
        "version": [Literal(state.version)],
    }
    for name, texts in (("title", settings.title), ("description", settings.description)):
        if texts:
            bound[name] = [Literal(text, language=tag) for tag, text in texts.items()]
    if settings.license:
        bound["license"] = [NamedNode(settings.license)]
    return _asked(request, "void.rq", bound)


def _asked(request: Request, file: str, bound: Mapping[str, Iterable[Term]]) -> Asked:
    text = _HERE.joinpath(file).read_text(encoding="utf-8")
    # A client that only asks for tables, or a browser, still gets the description.
    chosen = best(accept(request), tuple(media.GRAPHS)) or media.registered(media.GRAPHS, "turtle")
    assert chosen is not None
    question = Question(
        text=bind(text, bound),
        table=None,
        graph=media.GRAPHS[chosen],
        encoding=encoding(request),
    )
    return Asked(question, None, chosen)
