"""Who says what: the documents behind the things of an answer, and what identifies the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from clustergraph.catalogue import SavedQuery
from clustergraph.mcp.asking import Asker, Row
from clustergraph.server.http.permalink import edition, given
from clustergraph.terms import RDF, Literal, NamedNode
from clustergraph.workers.question import Question

# Things of an answer whose sources are named.
_MOST = 400


@dataclass
class _Source:
    """A document, or a graph, and what it says of which thing where."""

    title: str
    claims: dict[str, dict[str, str]] = field(default_factory=dict)


async def cite(
    asker: Asker,
    iris: Sequence[str],
    language: str,
    *,
    query: SavedQuery | None = None,
    question: Question | None = None,
) -> dict[str, Any]:
    """The citation of an answer: version of the data, licence, identity of the answer, sources.

    A thing without a source of its own is claimed by the named graphs that say what it is.
    """
    version = await asker.version()
    cited: dict[str, Any] = {"dataVersion": version} if version else {}
    settings = asker.settings
    if settings.license:
        cited["license"] = settings.license
    if version and query is not None and question is not None:
        pairs = urlencode([*given(question), ("version", edition(version, query))])
        cited["identity"] = f"{settings.base}queries/{quote(query.name)}?{pairs}"
    things = [NamedNode(iri) for iri in iris[:_MOST]]
    sources = await _sources(asker, things, language) if things else {}
    cited["sources"] = [
        {"source": iri, "title": one.title, "claims": list(one.claims.values())}
        for iri, one in sorted(sources.items(), key=lambda pair: (-len(pair[1].claims), pair[0]))
    ]
    if len(iris) > _MOST:
        cited["note"] = f"sources are named for the first {_MOST} of {len(iris)} things"
    return cited


def as_text(cited: Mapping[str, Any]) -> str:
    """The citation in a few lines."""
    lines = []
    for source in cited["sources"]:
        locators = dict.fromkeys(claim["locator"] for claim in source["claims"] if "locator" in claim)
        shown = "; ".join(list(locators)[:12]) + ("; …" if len(locators) > 12 else "")
        lines.append(f"- {source['title']} <{source['source']}>" + (f": {shown}" if shown else ""))
    head = ["Sources:", *lines] if lines else []
    named = {"dataVersion": "version of the data", "license": "licence", "identity": "cite as"}
    end = "; ".join(f"{name}: {cited[key]}" for key, name in named.items() if key in cited)
    return "\n".join([*head, end[:1].upper() + end[1:]])


async def _sources(asker: Asker, things: list[NamedNode], language: str) -> dict[str, _Source]:
    """The sources of the claims among the things; where there are no claims, of all the things.

    A claim without a source is said by the graphs that hold it.
    """
    words = asker.settings.vocabulary
    rows = await asker.rows(
        "claims.rq",
        {
            "thing": things,
            "stated": words.source,
            "within": words.source,
            "concerning": words.about,
            "placed": words.locator,
            "at": words.locator,
            "form": words.source_form,
            "naming": words.label,
        },
    )
    claims = [row for row in rows if "matter" in row]
    found = _noted(claims or rows, asker, language)
    documents = {row["document"] for row in rows}
    sourced = {row["thing"] for row in rows}
    others = [thing for thing in things if thing not in sourced and thing not in documents]
    if others and (claims or not rows):
        # Only of what is a claim too, where there are such: what it is about needs no source.
        terms = {"thing": others, "naming": words.label, "concerning": words.about if claims else (RDF.type,)}
        rows = await asker.rows("graphs.rq", terms)
        found |= {iri: one for iri, one in _noted(rows, asker, language).items() if iri not in found}
    return found


def _noted(rows: Iterable[Row], asker: Asker, language: str) -> dict[str, _Source]:
    """What rows say; the title is the one in the language, else in the first of the graph's."""
    order = {tag: rank for rank, tag in enumerate((language, *asker.settings.languages))}
    naming = asker.settings.vocabulary.label
    found: dict[str, _Source] = {}
    titles: dict[str, tuple[int, int, str]] = {}
    for row in rows:
        thing, document = row["thing"], row["document"]
        assert isinstance(thing, NamedNode)
        if not isinstance(document, NamedNode):
            continue
        title, how = row.get("title"), row.get("naming")
        if isinstance(title, Literal) and isinstance(how, NamedNode):
            rank = (order.get(title.language or "", len(order)), naming.index(how), title.value)
            titles[document.value] = min(rank, titles.get(document.value, rank))
        source = found.setdefault(document.value, _Source(document.value))
        claim = source.claims.setdefault(thing.value, {"thing": thing.value})
        for name in ("locator", "printed"):
            said = row.get(name)
            if isinstance(said, Literal):
                claim.setdefault(name, said.value)
    for iri, (_, _, text) in titles.items():
        found[iri].title = text
    return found
