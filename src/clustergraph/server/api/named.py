"""What addresses name: the IRIs that a path, or `?iri=`, may stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from clustergraph.server.http import media
from clustergraph.server.http.problem import short
from clustergraph.server.pages.frame.places import candidates
from clustergraph.settings import Settings
from clustergraph.terms import NamedNode, expand

# The endings of descriptions; `json` is JSON-LD here.
ENDINGS = {ending: syntax for ending, syntax in media.SUFFIXES.items() if syntax in media.GRAPHS.values()}
ENDINGS |= {"json": "jsonld"}


@dataclass(frozen=True)
class Named:
    """What an address names: the IRIs that it may mean, as a whole and without its ending."""

    whole: tuple[NamedNode, ...]
    stem: tuple[NamedNode, ...] = ()
    ending: str = ""

    @property
    def wanted(self) -> NamedNode:
        """The IRI that a refusal speaks of."""
        readings: Sequence[NamedNode] = self.stem or self.whole
        return max(readings, key=lambda iri: (not iri.value.isascii(), -iri.value.count("%")))


def thing_named(request: Request, settings: Settings) -> Named:
    """What an address below `/id/`, `/page/` or `/data/` names."""
    room = request.scope["path"].removeprefix(request.scope.get("root_path", "")).split("/")[1].split(".")[0]
    return named_below(request, f"/{room}/", f"{settings.base}id/")


def term_named(request: Request, settings: Settings) -> Named:
    """What an address below `/ont/` names: by local name, or by prefixed name."""
    if "iri" in request.query_params:
        return named_below(request, "/ont/", "")
    things = (f"{settings.base}id/", f"{settings.base}graph/")
    others = (space for space in settings.own_prefixes.values() if not space.startswith(things))
    spaces = (f"{settings.base}ont#", f"{settings.base}ont/", *others)
    whole: list[NamedNode] = []
    stem: list[NamedNode] = []
    ending = ""
    for space in dict.fromkeys(spaces):
        named = named_below(request, "/ont/", space)
        whole += named.whole
        stem += named.stem
        ending = named.ending
    path = str(request.path_params["name"])
    for name, readings in ((path, whole), (path.removesuffix(f".{ending}"), stem)):
        if expanded := expand(name, settings.prefixes):
            readings.extend(candidates("", expanded, b""))
    return Named(tuple(whole), tuple(stem) if ending else (), ending)


def named_below(request: Request, before: str, prefix: str) -> Named:
    """The IRIs that an address may mean: `?iri=`, or the prefix and what follows `before` in the path.

    Raises HTTPException 400 for what is no IRI, 404 for an ending that no syntax has.
    """
    ending = str(request.path_params.get("ending", ""))
    if ending and ending not in {*ENDINGS, "html"}:
        raise HTTPException(404)
    if "name" not in request.path_params:
        iri = _given(request)
        return Named((), (iri,), ending) if ending else Named((iri,))
    path = str(request.path_params["name"])
    raw = bytes(request.scope.get("raw_path") or b"").removeprefix(
        str(request.scope.get("root_path", "")).encode()
    )
    raw = raw.removeprefix(before.encode())
    whole = tuple(candidates(prefix, path, raw))
    stem, dot, last = path.rpartition(".")
    if dot and last in {*ENDINGS, "html"}:
        cut = len(last) + 1
        return Named(whole, tuple(candidates(prefix, stem, raw[:-cut])), last)
    return Named(whole)


def _given(request: Request) -> NamedNode:
    """The IRI of `?iri=`."""
    given = request.query_params.getlist("iri")
    if len(given) != 1:
        raise HTTPException(400, f"iri: expected exactly one, got {len(given)}")
    try:
        return NamedNode(given[0])
    except ValueError as error:
        raise HTTPException(400, f"iri: expected an absolute IRI, got {short(given[0])!r}") from error
