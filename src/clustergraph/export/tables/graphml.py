"""GraphML with typed keys, as Gephi and networkx read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import iterparse
from xml.sax.saxutils import escape, quoteattr

from clustergraph.export.rows import Row
from clustergraph.export.selection import Selection
from clustergraph.export.tables.property_graph import PropertyGraph
from clustergraph.export.text import RDF_TYPE
from clustergraph.terms import Literal, NamedNode

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_TYPES = {"integer": "long", "decimal": "double", "double": "double", "boolean": "boolean"}
_SEPARATOR = " | "
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(rows: Iterable[Row], path: Path, selection: Selection) -> None:
    """Write the nodes and links of the rows as GraphML; several values of a property become one text."""
    graph = PropertyGraph(rows, selection.settings)
    columns = sorted(graph.columns.values(), key=lambda column: column.name)
    keys = {column.name: f"d{number}" for number, column in enumerate(columns)}
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{_NAMESPACE}">\n')
        out.write('  <key id="types" for="node" attr.name="types" attr.type="string"/>\n')
        for column in columns:
            kind = "string" if column.many else _TYPES.get(column.kind, "string")
            name = quoteattr(column.name)
            key = f'<key id="{keys[column.name]}" for="node" attr.name={name} attr.type="{kind}"/>'
            out.write(f"  {key}\n")
        out.write('  <key id="type" for="edge" attr.name="type" attr.type="string"/>\n')
        out.write('  <key id="graph" for="edge" attr.name="graph" attr.type="string"/>\n')
        out.write('  <graph edgedefault="directed">\n')
        for node in graph.nodes():
            out.write(f"    <node id={quoteattr(node.id)}>")
            if node.types:
                out.write(_data("types", _SEPARATOR.join(node.types)))
            for name in sorted(node.cells):
                out.write(_data(keys[name], _SEPARATOR.join(node.cells[name])))
            out.write("</node>\n")
        for number, edge in enumerate(graph.edges()):
            ends = f"source={quoteattr(edge.start)} target={quoteattr(edge.end)}"
            data = _data("type", edge.type) + (_data("graph", edge.graph) if edge.graph else "")
            out.write(f'    <edge id="e{number}" {ends}>{data}</edge>\n')
        out.write("  </graph>\n</graphml>\n")


def read(path: Path, selection: Selection) -> Iterator[Row]:
    """The rows that a reader of GraphML sees."""
    del selection
    names: dict[str, str] = {}
    space = f"{{{_NAMESPACE}}}"
    for _, element in iterparse(path):  # noqa: S314  # the file was written just now
        if element.tag == f"{space}key":
            names[element.attrib["id"]] = element.attrib["attr.name"]
        data = {names[one.attrib["key"]]: one.text or "" for one in element.findall(f"{space}data")}
        if element.tag == f"{space}node":
            yield from _node(_resource(element.attrib["id"]), data)
            element.clear()
        elif element.tag == f"{space}edge":
            ends = (_resource(element.attrib[end]) for end in ("source", "target"))
            start, end = ends
            graph = f"<{data['graph']}>" if "graph" in data else ""
            yield start, f"<urn:x:{data['type']}>", end, graph
            element.clear()


def _node(subject: str, data: dict[str, str]) -> Iterator[Row]:
    for name, text in data.items():
        for value in text.split(_SEPARATOR):
            if name == "types":
                yield subject, RDF_TYPE, f"<urn:x:{value}>", ""
            elif found := re.search(r"_([a-z]{2,3}(?:_[a-z0-9]+)*)\Z", name):
                yield subject, f"<urn:x:{name}>", str(Literal(value, language=found[1].replace("_", "-"))), ""
            else:
                yield subject, f"<urn:x:{name}>", str(Literal(value)), ""


def _data(key: str, text: str) -> str:
    return f'<data key="{key}">{escape(_UNWRITABLE.sub("", text), {chr(13): "&#13;"})}</data>'


def _resource(id: str) -> str:
    return id if id.startswith("_:") else str(NamedNode(id))
