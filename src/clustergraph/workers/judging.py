"""Tasks that judge what is sent: what it breaks by the shapes, and what it changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from clustergraph.contribution.difference import write_difference
from clustergraph.contribution.upload import NAME, Uploads
from clustergraph.errors import FolderError, GraphSyntaxError, OntologyError, UploadError, UsageError
from clustergraph.folder import Edition
from clustergraph.sparql.results import GRAPH_FORMATS
from clustergraph.validation.report import MEDIA_TYPES, View, report_triples, write_report
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.reasons import reasoner
from clustergraph.workers.showing import Known, shown_difference, shown_report
from clustergraph.workers.writing import Output

PAGE = "page"
"""The format of what a page shows: JSON as `showing` has it."""
DIFFERENCE_MEDIA_TYPES = {"json": "application/json", "text": "text/plain", "markdown": "text/markdown"}


@lru_cache(maxsize=1)
def uploads(holdings: Holdings) -> Uploads:
    """What judges uploads to what is held."""
    if holdings.behind is not None:
        return Uploads(holdings.folder, Edition({}), there=holdings.behind.store)
    return Uploads(holdings.folder, holdings.edition, lambda: reasoner(holdings))


def steps(holdings: Holdings) -> Iterator[Callable[[], object]]:
    """What an upload is judged with."""
    yield from uploads(holdings).steps()


def validate(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write the report on the change that adds the body, whose media type is the option `media`.

    The note `conforms` is `yes` or `no`. Raises UploadError, with line and column, for a body that
    does not parse, FormatError for a media type that is no RDF syntax.
    """
    format = task.option("format", "json")
    with _read():
        report = uploads(holdings).judge(task.body, task.option("media"))
    view = View(task.option("lang", "en"), holdings.settings.prefixes)
    notes = {"conforms": "yes" if report.conforms else "no"}
    if format == PAGE:
        output.write(json.dumps(shown_report(report, view, _known(holdings))).encode())
    elif format in GRAPH_FORMATS and format != "turtle":
        syntax = GRAPH_FORMATS[format]
        written = ox.serialize(report_triples(report), format=syntax, prefixes=dict(view.prefixes))
        assert written is not None  # only a call with an output returns None
        output.write(written)
        return Done(syntax.media_type, notes)
    else:
        output.write(write_report(report, format, view).encode())
    return Done(MEDIA_TYPES.get(format, "application/json"), notes)


def diff(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write what the change that adds the body changes; raises as `validate`."""
    format = task.option("format", "json")
    with _read():
        difference = uploads(holdings).compare(task.body, task.option("media"))
    view = View(task.option("lang", "en"), holdings.settings.prefixes)
    if format == PAGE:
        output.write(json.dumps(shown_difference(difference, view, _known(holdings))).encode())
    else:
        output.write(write_difference(difference, format, view.language, view.prefixes).encode())
    return Done(DIFFERENCE_MEDIA_TYPES.get(format, "application/json"))


def _known(holdings: Holdings) -> Known:
    """Whether the graph says something of a thing."""
    store = holdings.asked("none")
    return lambda thing: bool(store.run(f"ASK {{ {thing} ?property ?said }}"))


@contextmanager
def _read() -> Iterator[None]:
    """A context whose errors about what was sent are an UploadError."""
    try:
        yield
    except FolderError as error:
        raise _of_upload(error) from error
    except OntologyError as error:
        # The graph itself was closed before; so the axiom is in what was sent.
        raise UploadError(f"{error.term}: {error.problem}", error.line) from error
    except UsageError as error:
        raise UsageError("this graph has no shapes in ontology/shapes to judge by") from error
    except RecursionError as error:
        raise UploadError("it is nested more deeply than this server reads") from error


def _of_upload(error: FolderError) -> FolderError | UploadError:
    """The error about what was sent; one about a file of our own as it is."""
    if error.path != Path(NAME):
        return error
    line, column = (error.line, error.column) if isinstance(error, GraphSyntaxError) else (0, 0)
    problem = error.problem.removeprefix(f"line {line}, column {column}: ")
    return UploadError(problem, line, column)
