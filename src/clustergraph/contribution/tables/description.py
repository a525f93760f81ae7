"""The description of a table, in the words of CSV on the Web (CSVW metadata §5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clustergraph.errors import FolderError, FormatError
from clustergraph.terms import RDF, XSD, NamedNode, compact, expand

Json = Mapping[str, object]

CONTEXT = "http://www.w3.org/ns/csvw"
SEPARATOR = "|"
COMMENT = "#"


@dataclass(frozen=True)
class Column:
    """A column: the property that its cells state of the row's thing, and what a cell may hold.

    `property` is None for the column that names the thing. Cells are IRIs where `value_url` is given:
    it makes one of a short name by putting it for `{name}`. Else they are literals in `language`, or
    of the first of `datatypes` that fits. `separator` parts several objects of one cell.
    """

    name: str
    titles: Mapping[str, str] = field(default_factory=dict)
    property: NamedNode | None = None
    value_url: str | None = None
    datatypes: tuple[NamedNode, ...] = ()
    language: str | None = None
    separator: str | None = None
    required: bool = False
    descriptions: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """What a table means: how its rows name things, the class of these, and its columns."""

    about_url: str
    columns: tuple[Column, ...]
    types: tuple[NamedNode, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def description_path(table: Path) -> Path:
    """Where the description of a table lies: beside it, by CSVW's own name."""
    return table.with_name(f"{table.name}-metadata.json")


def write_description(description: Description, url: str, prefixes: Mapping[str, str]) -> str:
    """The description as a JSON text; `url` is the name of the table's file."""
    columns = [_column(column, prefixes) for column in description.columns]
    virtual = [
        {"virtual": True, "propertyUrl": RDF.type.value, "valueUrl": cls.value} for cls in description.types
    ]
    described = {
        "@context": CONTEXT,
        "url": url,
        "dc:title": [{"@value": text, "@language": tag} for tag, text in description.titles.items()],
        "dialect": {"commentPrefix": COMMENT, "encoding": "utf-8"},
        "tableSchema": {"aboutUrl": description.about_url, "columns": [*columns, *virtual]},
    }
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _column(column: Column, prefixes: Mapping[str, str]) -> Json:
    described: dict[str, object] = {"name": column.name, "titles": _titles(column.titles)}
    if column.property is None:
        described["suppressOutput"] = True
    else:
        described["propertyUrl"] = column.property.value
    if column.value_url is not None:
        described["valueUrl"] = column.value_url
    if column.language is not None:
        described["lang"] = column.language
    if len(column.datatypes) == 1:
        described["datatype"] = _datatype(column.datatypes[0])
    elif column.datatypes:
        # CSVW has no choice of datatypes; its extension by prefixed properties says what is meant.
        described["datatype"] = "anyAtomicType"
        described["sh:datatype"] = [compact(d.value, prefixes) or d.value for d in column.datatypes]
    if column.separator is not None:
        described["separator"] = column.separator
    described["required"] = column.required
    if column.descriptions:
        described["dc:description"] = [
            {"@value": text, "@language": tag} for tag, text in column.descriptions.items()
        ]
    if column.examples:
        described["skos:example"] = list(column.examples)
    return described


def _titles(titles: Mapping[str, str]) -> object:
    """The titles by language; one without a language as the plain text that CSVW has for it."""
    return titles[""] if set(titles) == {""} else {tag or "und": text for tag, text in titles.items()}


def _datatype(datatype: NamedNode) -> object:
    local = datatype.value.removeprefix(str(XSD))
    return local if local != datatype.value else {"base": "string", "@id": datatype.value}


def read_description(path: Path, prefixes: Mapping[str, str]) -> Description:
    """The description in a file; raises FolderError, naming what is wrong, where it is none."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); `clustergraph template CLASS -o FILE.csv` makes one"
        raise FolderError(path, problem) from error
    except ValueError as error:
        raise FolderError(path, f"expected JSON in UTF-8: {error}") from error
    reader = _Reader(path, prefixes)
    schema = reader.table(reader.table(read, "the file").get("tableSchema"), "tableSchema")
    columns = [reader.table(one, "columns") for one in reader.list(schema.get("columns"), "columns")]
    about = reader.text(schema.get("aboutUrl"), "aboutUrl")
    types = [
        NamedNode(reader.text(column.get("valueUrl"), "valueUrl"))
        for column in columns
        if column.get("virtual") and column.get("propertyUrl") == RDF.type.value
    ]
    shown = tuple(reader.column(column) for column in columns if not column.get("virtual"))
    return Description(about, shown, tuple(types))


class _Reader:
    """Takes a description apart; says what was expected where it is something else."""

    def __init__(self, path: Path, prefixes: Mapping[str, str]) -> None:
        self.path = path
        self.prefixes = prefixes

    def fail(self, where: str, expected: str) -> FolderError:
        return FolderError(self.path, f"{where}: expected {expected}")

    def table(self, found: object, where: str) -> Json:
        if not isinstance(found, dict):
            raise self.fail(where, "a JSON object")
        return found

    def list(self, found: object, where: str) -> Sequence[object]:
        if not isinstance(found, list) or not found:
            raise self.fail(where, "a list that is not empty")
        return found

    def text(self, found: object, where: str) -> str:
        if not isinstance(found, str) or not found:
            raise self.fail(where, "a text")
        return found

    def column(self, column: Json) -> Column:
        name = self.text(column.get("name"), "columns.name")
        iri = column.get("propertyUrl")
        value_url, language, separator = (column.get(key) for key in ("valueUrl", "lang", "separator"))
        return Column(
            name,
            self.titles(column.get("titles"), name),
            None if iri is None else self.iri(iri, f"{name}.propertyUrl"),
            None if value_url is None else self.text(value_url, f"{name}.valueUrl"),
            self.datatypes(column, name),
            None if language is None else self.text(language, f"{name}.lang"),
            None if separator is None else self.text(separator, f"{name}.separator"),
            required=bool(column.get("required")),
        )

    def titles(self, found: object, name: str) -> Mapping[str, str]:
        if found is None:
            return {}
        if isinstance(found, str):
            return {"": found}
        return {tag: self.text(text, f"{name}.titles") for tag, text in self.table(found, name).items()}

    def datatypes(self, column: Json, name: str) -> tuple[NamedNode, ...]:
        choice = column.get("sh:datatype")
        if choice is not None:
            return tuple(self.iri(one, f"{name}.sh:datatype") for one in self.list(choice, name))
        found = column.get("datatype")
        if found is None:
            return ()
        if isinstance(found, dict):
            found = found.get("@id") or found.get("base")
        text = self.text(found, f"{name}.datatype")
        return (self.iri(text if ":" in text else f"{XSD}{text}", f"{name}.datatype"),)

    def iri(self, found: object, where: str) -> NamedNode:
        text = self.text(found, where)
        try:
            return NamedNode(expand(text, self.prefixes) or text)
        except ValueError:
            raise self.fail(where, "an absolute IRI") from None


def check_ending(path: Path) -> None:
    """Raise FormatError where a file's name is not that of a table."""
    if path.suffix.lower() != ".csv":
        raise FormatError(path.name, [".csv"], "only a table is converted, which is not")
