"""`queries`, `query` and `sparql`: asking by name, and asking freely."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from clustergraph.catalogue import Parameter, SavedQuery
from clustergraph.catalogue.check import problems, shuffled
from clustergraph.cli.completing import query_names, query_tags, words
from clustergraph.cli.deadline import run_within
from clustergraph.cli.options import NEGATIVE, Entailment, Output, help_without_command
from clustergraph.cli.output import FORMATS, write_bytes, write_results
from clustergraph.cli.state import State, state
from clustergraph.errors import FolderError, UsageError
from clustergraph.sparql.results import Results

Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="|".join(FORMATS),
        autocompletion=words(*FORMATS),
        help="Default: a table, in a pipe TSV or Turtle.",
    ),
]
ChartFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="|".join((*FORMATS, "svg")),
        autocompletion=words(*FORMATS, "svg"),
        help="Default: a table, in a pipe TSV; svg is the chart that the query declares.",
    ),
]
EntailmentOption = Annotated[
    Entailment, typer.Option("--entailment", help="Ask the closure, or only what is asserted.")
]
Timeout = Annotated[
    float | None, typer.Option("--timeout", min=0.001, metavar="SECONDS", help="Give up after so long.")
]


def queries(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="Show the whole contract of one query.", autocompletion=query_names),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", help="Only queries with this tag.", autocompletion=query_tags)
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="table|json")] = "table",
    lang: Annotated[str | None, typer.Option("--lang", help="Language of summaries.")] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Run them with their examples; exit 1 where one breaks its contract."),
    ] = False,
) -> None:
    """List the saved queries, or show one contract in full."""
    now = state(context)
    catalogue = now.graph.catalogue
    if check:
        _check(now, [catalogue[name]] if name else list(catalogue.queries))
        return
    if format not in {"table", "json"}:
        raise UsageError(f"--format {format}: expected table or json")
    if name is not None:
        _show_contract(catalogue[name], format)
        return
    for problem in catalogue.problems:
        now.note(f"skipped: {problem}")
    found = [query for query in catalogue.queries if tag is None or tag in query.tags]
    if tag is not None and not found:
        raise UsageError(f"no saved query has the tag {tag!r}; the tags are {', '.join(catalogue.tags)}")
    if format == "json":
        _print_json({"queries": [query.describe() for query in found]})
        return
    language = lang or catalogue.settings.languages[0]
    width = max((len(query.name) for query in found), default=0)
    for query in found:
        print(f"{query.name:<{width}}  {query.summary(language)}")  # noqa: T201  # the answer


class SavedQueries(TyperGroup):
    """The saved queries as commands, each of which is made when it is called."""

    def get_command(  # type: ignore[override]  # the base takes the parent of a context, a private class
        self, context: typer.Context, name: str
    ) -> TyperCommand | None:
        """The command of a saved query; raises UnknownQueryError, with names that look alike."""
        if context.resilient_parsing and name not in query_names(context):
            return None  # what a shell completes may be wrong
        now = state(context)
        made = get_command(command_app(now.graph.catalogue[name], now))
        assert isinstance(made, TyperCommand)  # an app of one command
        return made

    def list_commands(self, context: typer.Context) -> list[str]:  # type: ignore[override]  # as above
        """None for the help: `queries` lists them with what they ask."""
        return []

    def shell_complete(self, context: typer.Context, incomplete: str) -> list[Any]:  # type: ignore[override]  # as above
        """Their names, by the files alone: to read what each of them asks takes longer than a user waits."""
        names = TyperGroup(commands={name: TyperCommand(name) for name in query_names(context)})
        return names.shell_complete(typer.Context(names), incomplete)


query = typer.Typer(
    cls=SavedQueries, subcommand_metavar="NAME [--PARAMETER TEXT]...", invoke_without_command=True
)


@query.callback()
def _query(context: typer.Context) -> None:
    """Run a saved query; `query NAME --help` shows its parameters.

    `clustergraph queries` lists the names.
    """
    help_without_command(context)


def sparql(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="[QUERY|-]", help="The query; - reads stdin.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Read the query from a file.")] = None,
    entailment: EntailmentOption = Entailment.OWL2RL,
    timeout: Timeout = None,
    format: Format = None,
    output: Output = None,
) -> None:
    """Ask a question in SPARQL: SELECT, ASK, CONSTRUCT or DESCRIBE. Updates are refused."""
    now = state(context)
    if (text is None) == (file is None):
        raise UsageError("expected either a query or -f FILE")
    if file is not None:
        text = read_text(file)
    elif text == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        text = sys.stdin.read()
    elif text is not None and not text.split()[1:] and Path(text).is_file():
        raise UsageError(f"{text} is a file; expected a query, or -f {text}")
    assert text is not None
    question = text

    def answer() -> None:
        results = now.graph.sparql(question, entailment=entailment.value)
        write_results(results, format, output, now.graph.settings.prefixes)

    _build(now)
    run_within(timeout, answer, endpoint=now.graph.endpoint)


def _build(now: State) -> None:
    """Have the snapshot there before the question: a build that is stopped leaves nothing, a query may."""
    if now.graph.service is None:
        _ = now.graph.snapshot


def read_text(path: Path) -> str:
    """The text of a file; raises FolderError where it cannot be read as UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FolderError(path, f"is not UTF-8: byte {error.start} cannot be read") from error
    except OSError as error:
        raise FolderError(path, error.strerror or str(error)) from error


def command_app(saved: SavedQuery, now: State) -> typer.Typer:
    """A command line of its own for one saved query, whose parameters are real options."""
    parameters = {f"p{index}": p for index, p in enumerate(saved.parameters.values())}

    def run(**options: Any) -> None:
        given = {p.name: _texts(options[key]) for key, p in parameters.items()}
        arguments = {name: texts for name, texts in given.items() if texts}

        def answer() -> None:
            results = now.graph.ask(saved.name, arguments, entailment=options["entailment"].value)
            if options["format"] == "svg":
                languages = arguments.get("lang", list(saved.settings.languages))
                write_bytes(_chart(saved, results, languages[0]), options["output"])
                return
            write_results(results, options["format"], options["output"], now.graph.settings.prefixes)

        _build(now)
        run_within(options["timeout"], answer, endpoint=now.graph.endpoint)

    format = ChartFormat if saved.chart else Format
    common = {"entailment": EntailmentOption, "timeout": Timeout, "format": format, "output": Output}
    defaults = {"entailment": Entailment.OWL2RL}
    signature = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for key, annotation, default in [
            *((key, _option(p, saved), None) for key, p in parameters.items()),
            *((key, annotation, defaults.get(key)) for key, annotation in common.items()),
        ]
    ]
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {part.name: part.annotation for part in signature}
    language = saved.settings.languages[0]
    run.__doc__ = "\n\n".join(
        text for text in (saved.summary(language), saved.descriptions.get(language, "")) if text
    )
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(run)
    return app


def _chart(saved: SavedQuery, results: Results, language: str) -> bytes:
    # The templates take longer to import than most answers take to print.
    from clustergraph.charts import column_names, draw  # noqa: PLC0415

    return draw(saved, results, language=language, columns=column_names(saved, language)).document()


def _option(parameter: Parameter, saved: SavedQuery) -> Any:
    language = saved.settings.languages[0]
    said = [parameter.descriptions.get(language, "")]
    said.append(f"Takes {parameter.expected}.")
    if parameter.required:
        said.append("Required.")
    if parameter.default:
        said.append(f"Default: {', '.join(parameter.default)}.")
    if parameter.example:
        said.append(f"For example {parameter.example[0]}.")
    text = " ".join(part if part.endswith((".", "。")) else f"{part}." for part in said if part)
    name = f"--{parameter.name}"
    metavar = "TEXT" if not parameter.enum else "|".join(parameter.enum)
    kind: Any = list[str] | None if parameter.many else str | None
    completed = words(*parameter.enum) if parameter.enum else None
    return Annotated[kind, typer.Option(name, metavar=metavar, help=text, autocompletion=completed)]


def _texts(given: str | list[str] | None) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def _check(now: State, queries: list[SavedQuery]) -> None:
    """Say what is wrong with the queries; leaves with exit code 1 where anything is."""
    store = now.graph.store()
    other = shuffled(store)
    found = [str(problem) for problem in now.graph.catalogue.problems]
    found += [f"{query.path}: {problem}" for query in queries for problem in problems(query, store, other)]
    for problem in found:
        print(problem)  # noqa: T201  # the answer
    now.note(f"{len(queries)} queries checked, {len(found)} problem{'' if len(found) == 1 else 's'}")
    if found:
        raise typer.Exit(NEGATIVE)


def _show_contract(saved: SavedQuery, format: str) -> None:
    if format == "json":
        _print_json(saved.describe())
        return
    lines = [f"{saved.name} ({saved.form}, {saved.path})", *saved.summaries.values()]
    lines += ["", *saved.descriptions.values()] if saved.descriptions else []
    lines += ["", "tags: " + ", ".join(saved.tags)] if saved.tags else []
    if saved.columns:
        lines.append("columns: " + ", ".join(saved.columns))
    for parameter in saved.parameters.values():
        lines += ["", f"--{parameter.name}", *_parameter_lines(parameter)]
    lines += ["", saved.text.rstrip()]
    print("\n".join(lines))  # noqa: T201  # the answer


def _parameter_lines(parameter: Parameter) -> list[str]:
    flags = [word for word in ("required", "many") if getattr(parameter, word)]
    lines = [f"  takes {parameter.expected}" + (f" ({', '.join(flags)})" if flags else "")]
    lines += [f"  {text}" for text in parameter.descriptions.values()]
    lines += [f"  default: {', '.join(parameter.default)}"] if parameter.default else []
    lines += [f"  example: {', '.join(parameter.example)}"] if parameter.example else []
    return lines


def _print_json(described: Mapping[str, Any]) -> None:
    write_bytes(json.dumps(described, ensure_ascii=False, indent=2).encode() + b"\n", None)
