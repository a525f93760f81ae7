"""`search`: things by what they are called."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from clustergraph.cli.options import Output
from clustergraph.cli.output import write_bytes
from clustergraph.cli.state import State, state
from clustergraph.errors import FormatError
from clustergraph.terms import NamedNode, compact

if TYPE_CHECKING:  # SQLite and the index are of use to one command
    from clustergraph.search import Found, Hit

_FORMATS = ("table", "json", "tsv")
_COLUMNS = ("iri", "label", "kind", "match", "property", "score")


def search(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT…", help="Names, words of them, or an IRI.")],
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="CLASS", help="Only things of it: an IRI, prefixed name or label."),
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of the answer.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Hits on a page.")] = 20,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page of them.")] = 1,
    format: Annotated[
        str | None,
        typer.Option("--format", metavar="table|json|tsv", help="Default: a table, in a pipe TSV."),
    ] = None,
    output: Output = None,
) -> None:
    """Find things by what they are called, in all languages.

    Labels, other names, definitions and IRIs are searched; a few letters may be wrong. Best first: what is
    called so, what begins so, has the words, has them in a definition.
    """
    now = state(context)
    chosen = format or ("table" if output is None and sys.stdout.isatty() else "tsv")
    if chosen not in _FORMATS:
        raise FormatError(chosen, _FORMATS, "what is found cannot be written as")
    language = lang or now.graph.settings.languages[0]
    asked = " ".join(text)
    found = now.graph.search(asked, language=language, kind=kind, limit=limit, offset=(page - 1) * limit)
    if chosen == "json":
        described = json.dumps(found.describe(), ensure_ascii=False, indent=2)
        write_bytes(described.encode() + b"\n", output)
    else:
        written = _table(now, found) if chosen == "table" else _tsv(found)
        write_bytes(written.encode("utf-8", "replace"), output)
    _note(now, found)


def _note(now: State, found: Found) -> None:
    """Say on stderr what the rows do not: that there are none, or only some like it, or more."""
    if not found.total:
        near = f"; did you mean {' or '.join(found.near)}?" if found.near else ""
        now.note(f"nothing found for {found.text!r}{near}")
        return
    if found.hits and found.hits[0].match.way == "similar":
        now.note(f"nothing is called {found.text!r}; these are like it")
    last = found.offset + len(found.hits)
    if last < found.total or found.offset:
        now.note(f"{found.offset + 1 if found.hits else 0} to {last} of {found.total}; --page gives others")


def _tsv(found: Found) -> str:
    rows = [_COLUMNS, *(_row(hit) for hit in found.hits)]
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def _row(hit: Hit) -> tuple[str, ...]:
    match = hit.match
    predicate = match.predicate.value if match.predicate else ""
    kind = hit.kind.value if hit.kind else ""
    return hit.iri.value, hit.label.value, kind, match.text.value, predicate, f"{hit.score:g}"


def _table(now: State, found: Found) -> str:
    """Two lines a hit: what it is called and is, and where that stands if it is not in its label."""
    prefixes = now.graph.settings.prefixes

    def short(iri: NamedNode) -> str:
        return compact(iri.value, prefixes) or iri.value

    lines = []
    for hit in found.hits:
        kind = f"  ({hit.kind_label.value})" if hit.kind_label else ""
        lines.append(f"{hit.label.value}{kind}  {short(hit.iri)}")
        if hit.retired:
            successor = f", replaced by {short(hit.successor)}" if hit.successor else ""
            lines.append(f"    retired{successor}")
        if hit.match.text.value != hit.label.value:
            lines.append("    " + " ".join("".join(hit.match.snippet).split()))
    return "".join(line + "\n" for line in lines)
