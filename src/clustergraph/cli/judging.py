"""`validate` and `infer`: judging a graph or a change to it, and what follows from it."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from clustergraph.cli.options import NEGATIVE, Entailment, Output
from clustergraph.cli.output import write_bytes
from clustergraph.cli.state import state
from clustergraph.errors import FormatError, UsageError
from clustergraph.sparql.results import GRAPH_FORMATS, Triples


class ShapesEngine(StrEnum):
    """Which engine validates."""

    SPARQL = "sparql"
    PYSHACL = "pyshacl"


class RulesEngine(StrEnum):
    """Which engine infers."""

    SPARQL = "sparql"
    OWLRL = "owlrl"


def validate(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH…]", help="Changed or new files; none: the graph.")
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="DIR|REV", help="What the change starts from.")
    ] = None,
    shapes: Annotated[
        list[Path] | None, typer.Option("--shapes", metavar="PATH", help="Judge by these shapes instead.")
    ] = None,
    standalone: Annotated[bool, typer.Option("--standalone", help="Judge the files alone.")] = False,
    entailment: Annotated[
        Entailment, typer.Option("--entailment", help="Judge what is asserted, or its closure.")
    ] = Entailment.NONE,
    engine: Annotated[ShapesEngine, typer.Option("--engine", help="pyshacl is the reference.")] = (
        ShapesEngine.SPARQL
    ),
    strict: Annotated[
        bool, typer.Option("--strict", help="Results that were there before fail a change too.")
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the fixes that were tried, and show what changed.")
    ] = False,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="text|json|turtle|sarif|junit|github",
            help="Default: text, or JSON in a pipe.",
        ),
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", metavar="en|ja", help="Language of messages.")] = None,
    output: Output = None,
) -> None:
    """Validate the graph, or a change to it, by its SHACL shapes.

    Of a change it is said what it breaks and what it fixes. Exit 0 where it conforms (a change: where
    nothing is new), 1 where it does not, 2 where it could not be told.
    """
    now = state(context)
    # The engine takes longer to import than the other commands take to run.
    from clustergraph.validation.report import FORMATS, State, View, write_report  # noqa: PLC0415

    chosen = format or ("text" if output is None and sys.stdout.isatty() else "json")
    if chosen not in FORMATS:
        raise FormatError(chosen, FORMATS, "a report cannot be written as")
    settings = now.graph.settings
    if not standalone:
        now.note_ignored()
    verdict = now.graph.judge(
        *(paths or ()),
        base=base,
        shapes=tuple(shapes or ()),
        standalone=standalone,
        entailment=entailment.value,
        engine=engine.value,
        fix=fix,
    )
    report = verdict.report
    if verdict.applied is not None:
        verdict.applied.write()
        print(verdict.applied.difference(), end="", file=sys.stderr)  # noqa: T201  # said even when quiet
        now.note(f"{len(verdict.applied.after)} files changed")
    view = View(lang or settings.languages[0], settings.prefixes)
    write_bytes(write_report(report, chosen, view).encode(), output)
    if not report.conforms or (strict and report.is_change and report.of(State.PRESENT)):
        raise typer.Exit(NEGATIVE)


def infer(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH…]", help="Files to add to the graph.")
    ] = None,
    ontology: Annotated[
        list[Path] | None, typer.Option("--ontology", metavar="PATH", help="More axioms.")
    ] = None,
    standalone: Annotated[bool, typer.Option("--standalone", help="Close the files alone.")] = False,
    asserted: Annotated[bool, typer.Option("--asserted", help="Print the asserted triples too.")] = False,
    include_schema: Annotated[
        bool, typer.Option("--include-schema", help="Print what follows about the vocabulary too.")
    ] = False,
    engine: Annotated[RulesEngine, typer.Option("--engine", help="owlrl is the reference.")] = (
        RulesEngine.SPARQL
    ),
    keep: Annotated[
        bool, typer.Option("--keep", help="Put it into the graph `inferred` of the service (--endpoint).")
    ] = False,
    format: Annotated[str, typer.Option("--format", metavar="ntriples|turtle|…")] = "ntriples",
    output: Output = None,
) -> None:
    """Print what follows from the graph by OWL 2 RL.

    Exit 1, with the contradiction and its proof on standard error, where the graph is inconsistent.
    """
    now = state(context)
    if format not in GRAPH_FORMATS:
        raise FormatError(format, GRAPH_FORMATS, "a graph cannot be written as")
    # The reasoner takes longer to import than the other commands take to run.
    from clustergraph.explanation import write_explanation  # noqa: PLC0415

    if asserted and now.service:
        raise UsageError("--asserted prints what files assert; export prints what a service holds")
    if keep and (paths or ontology or standalone):
        raise UsageError("--keep is about what follows from the service alone; leave the files out")
    inference = (
        now.graph.keep_inferred()
        if keep
        else now.graph.infer(
            *(paths or ()),
            ontology=tuple(ontology or ()),
            standalone=standalone,
            engine=engine.value,
            include_schema=include_schema,
        )
    )
    for ignored in inference.closure.ignored:
        now.note(f"ignored: {ignored.axiom}: {ignored.reason}")
    triples = Triples(sorted(inference.triples(asserted=asserted), key=str))
    write_bytes(triples.serialize(format, dict(now.graph.settings.prefixes)), output)
    # The reference engine finds contradictions without proofs.
    for found in inference.closure.inconsistencies:
        said = " ".join(filter(None, (found.rule, found.message, *map(str, found.individuals))))
        print(f"inconsistent: {said}", file=sys.stderr)  # noqa: T201  # said even when quiet
    for contradiction in inference.contradictions:
        tree = write_explanation(contradiction, "text", now.graph.settings.prefixes)
        print(tree, end="", file=sys.stderr)  # noqa: T201  # said even when quiet
    if inference.closure.inconsistencies:
        raise typer.Exit(NEGATIVE)
