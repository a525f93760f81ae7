"""What a parameter takes, in the words of a reader; the catalogue says it in English."""

from __future__ import annotations

from collections.abc import Mapping

from clustergraph.catalogue import Parameter
from clustergraph.errors import ArgumentError
from clustergraph.server.pages.frame.words import Reader
from clustergraph.terms import RDFS, XSD, NamedNode

# By language: datatypes by their local names, kinds of terms and bounds by those of the declaration's keys.
WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "string": "文字列",
        "boolean": "true または false",
        "integer": "整数",
        "int": "整数",
        "long": "整数",
        "nonNegativeInteger": "0以上の整数",
        "positiveInteger": "1以上の整数",
        "decimal": "数値（例：0.5）",
        "double": "数値（例：1.5e9）",
        "float": "数値",
        "date": "日付（例：2007-04-01）",
        "dateTime": "日時（例：2007-04-01T09:00:00）",
        "time": "時刻（例：09:00:00）",
        "gYear": "年（例：2007）",
        "gYearMonth": "年月（例：2007-04）",
        "gMonth": "月（例：--04）",
        "anyURI": "IRI",
        "enum": "{choices} のいずれか",
        "iri": "IRI",
        "class": "{kind} のインスタンス（IRI、接頭辞付きの名前、スラッグ、ラベルのいずれか）",
        "scheme": "{kind} の概念（IRI、接頭辞付きの名前、スラッグ、ラベルのいずれか）",
        "pattern": "{pattern} に一致するもの",
        "min": "{minimum}以上",
        "max": "{maximum}以下",
        "one argument at most": "値は一つまで",
        "required": "{expected}（必須）",
    },
}


def expected(error: ArgumentError, declared: Parameter, reading: Reader) -> tuple[str, str]:
    """What an error expected, and the language in which this says it."""
    words = WORDS.get(reading.tag)
    if words is None:
        return error.expected, "en"
    if error.expected == declared.expected:
        return _declared(declared, words), reading.tag
    if error.expected.startswith(declared.expected):
        return words["required"].format(expected=_declared(declared, words)), reading.tag
    return (words[error.expected], reading.tag) if error.expected in words else (error.expected, "en")


def _declared(declared: Parameter, words: Mapping[str, str]) -> str:
    if declared.enum:
        return words["enum"].format(choices="、".join(declared.enum))
    if declared.takes_iris:
        return _iri(declared, words)
    datatype = declared.datatype or XSD.string
    parts = [words[datatype.value.removeprefix(str(XSD))]]
    if declared.pattern:
        parts.append(words["pattern"].format(pattern=declared.pattern))
    if declared.minimum:
        parts.append(words["min"].format(minimum=declared.minimum.value))
    if declared.maximum:
        parts.append(words["max"].format(maximum=declared.maximum.value))
    return "、".join(parts)


def _iri(declared: Parameter, words: Mapping[str, str]) -> str:
    kind = declared.class_ or declared.scheme
    if kind is None or kind == RDFS.Resource:
        return words["iri"]
    return words["class" if declared.class_ is not None else "scheme"].format(kind=_local_name(kind))


def _local_name(iri: NamedNode) -> str:
    return iri.value.rstrip("/#").replace("#", "/").rpartition("/")[2]
