"""`explain` and `entails`: why something holds, and whether something follows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from clustergraph.cli.options import NEGATIVE
from clustergraph.cli.output import write_bytes
from clustergraph.cli.state import state
from clustergraph.errors import FormatError
from clustergraph.sparql.term import read_term
from clustergraph.terms import NamedNode

Format = Annotated[str, typer.Option("--format", metavar="text|json|turtle")]


def explain(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="An IRI or prefixed name.")],
    predicate: Annotated[str, typer.Argument(help="An IRI or prefixed name; `a` for rdf:type.")],
    object: Annotated[str, typer.Argument(help="An IRI, prefixed name, or literal in Turtle.")],
    format: Format = "text",
    lang: Annotated[str | None, typer.Option("--lang", metavar="en|ja", help="Language of axioms.")] = None,
) -> None:
    """Say why a triple holds.

    The answer is its proof, with rules, axioms, and the line of each fact. Exit 1 where the triple does not
    follow from the graph.
    """
    now = state(context)
    # The reasoner takes longer to import than the other commands take to run.
    from clustergraph.explanation import FORMATS, write_explanation  # noqa: PLC0415

    if format not in FORMATS:
        raise FormatError(format, FORMATS, "an explanation cannot be written as")
    language = lang or now.graph.settings.languages[0]
    explanation = now.graph.explain(subject, predicate, object, language=language)
    if explanation is None:
        print("not entailed: the triple is neither asserted nor inferred", file=sys.stderr)  # noqa: T201
        for text in (subject, predicate, object):
            term = read_term(text, now.graph.settings.prefixes)
            near = now.graph.similar(term) if isinstance(term, NamedNode) else None
            if near is not None:
                now.note(
                    f"the graph does not mention {text}" + (f"; did you mean {near[0]}?" if near else "")
                )
        lack = now.graph.lack(subject, predicate, object, language=language)
        if lack is not None:
            now.note(f"it would follow by {lack.rule} if this held too: {lack.missing}")
            for said, lines in (("what holds", lack.held), ("the axiom", lack.axioms)):
                for line in lines:
                    now.note(f"  {said}: {line}")
        raise typer.Exit(NEGATIVE)
    write_bytes(write_explanation(explanation, format, now.graph.settings.prefixes).encode(), None)


def entails(
    context: typer.Context,
    conclusion: Annotated[Path, typer.Option("--conclusion", metavar="FILE", help="What is to follow.")],
    premises: Annotated[
        list[Path] | None, typer.Argument(metavar="[PREMISE…]", help="Files; none: the graph itself.")
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="text|json")] = "text",
    lang: Annotated[str | None, typer.Option("--lang", metavar="en|ja", help="Language of axioms.")] = None,
) -> None:
    """Say whether a file follows from others by OWL 2 RL.

    Where it does, the proof is printed. Exit 0 where all of it does, 1 where a part does not; that part is
    named on standard error.
    """
    now = state(context)
    if format not in {"text", "json"}:
        raise FormatError(format, ["text", "json"], "a proof cannot be written as")
    # The reasoner takes longer to import than the other commands take to run.
    from clustergraph.explanation import explanation_object, write_explanation  # noqa: PLC0415

    language = lang or now.graph.settings.languages[0]
    answer = now.graph.entails(conclusion, *(premises or ()), language=language)
    if format == "json":
        described = {
            "entailed": answer.entailed,
            "proofs": [explanation_object(one) for one in answer.explanations],
            "missing": [[str(term) for term in triple] for triple in answer.missing],
        }
        text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    else:
        trees = (write_explanation(one, "text", now.graph.settings.prefixes) for one in answer.explanations)
        text = "\n".join(trees)
    write_bytes(text.encode(), None)
    for triple in answer.missing:
        print(f"not entailed: {triple}", file=sys.stderr)  # noqa: T201  # said even when quiet
    if not answer.entailed:
        raise typer.Exit(NEGATIVE)
