"""The value spaces of the datatypes of OWL 2 RL (Profiles §4.2.1), and when two literals are equal.

xsd:date, xsd:time and the Gregorian types are no datatypes of the profile, but are checked too where
an axiom names one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from clustergraph.terms import RDF, RDFS, XSD, Literal, NamedNode

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_FLOAT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN")
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_DATE = r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_NAME = r"[^\W\d][\w.\-·]*"

Value = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Datatype:
    """A set of values: those of `kind` that match `pattern` and lie between `low` and `high`.

    Values of different kinds are never equal. `whole` keeps integers only. `parent` is the smallest
    datatype around this one.
    """

    iri: NamedNode
    kind: str
    parent: NamedNode | None = RDFS.Literal
    pattern: str = r"(?s:.*)"
    whole: bool = False
    low: int | None = None
    high: int | None = None
    profile: bool = True

    def reads(self, lexical: str) -> bool:
        """Whether `lexical` is in the lexical space."""
        if not re.fullmatch(self.pattern, lexical):
            return False
        return self.kind != "real" or self._within(Decimal(lexical))

    def _within(self, number: Decimal) -> bool:
        return (
            not (self.whole and number != number.to_integral_value())
            and (self.low is None or number >= self.low)
            and (self.high is None or number <= self.high)
        )

    def holds(self, value: Value) -> bool:
        """Whether `value` is in the value space."""
        if self.iri == RDFS.Literal:
            return True
        if self.iri == RDF.PlainLiteral:
            return value[0] in ("string", "text")
        if value[0] != self.kind:
            return False
        if isinstance(value[1], Decimal):
            return self._within(value[1])
        return self.kind not in ("string", "time") or bool(re.fullmatch(self.pattern, str(value[-1])))


def _integer(iri: NamedNode, parent: NamedNode, low: int | None = None, high: int | None = None) -> Datatype:
    return Datatype(iri, "real", parent, r"[+-]?\d+", whole=True, low=low, high=high)


def _string(iri: NamedNode, parent: NamedNode, pattern: str) -> Datatype:
    return Datatype(iri, "string", parent, pattern)


def _date(iri: NamedNode, pattern: str) -> Datatype:
    return Datatype(iri, iri.value, RDFS.Literal, rf"{pattern}{_ZONE}?", profile=False)


DATATYPES = {
    datatype.iri: datatype
    for datatype in (
        Datatype(RDFS.Literal, "any", None),
        Datatype(RDF.PlainLiteral, "plain"),
        Datatype(RDF.langString, "text", RDF.PlainLiteral, profile=False),
        Datatype(RDF.XMLLiteral, "xml"),
        Datatype(XSD.decimal, "real", pattern=_DECIMAL.pattern),
        _integer(XSD.integer, XSD.decimal),
        _integer(XSD.nonNegativeInteger, XSD.integer, 0),
        _integer(XSD.nonPositiveInteger, XSD.integer, None, 0),
        _integer(XSD.positiveInteger, XSD.nonNegativeInteger, 1),
        _integer(XSD.negativeInteger, XSD.nonPositiveInteger, None, -1),
        _integer(XSD.long, XSD.integer, -(2**63), 2**63 - 1),
        _integer(XSD.int, XSD.long, -(2**31), 2**31 - 1),
        _integer(XSD.short, XSD.int, -(2**15), 2**15 - 1),
        _integer(XSD.byte, XSD.short, -(2**7), 2**7 - 1),
        _integer(XSD.unsignedLong, XSD.nonNegativeInteger, 0, 2**64 - 1),
        _integer(XSD.unsignedInt, XSD.unsignedLong, 0, 2**32 - 1),
        _integer(XSD.unsignedShort, XSD.unsignedInt, 0, 2**16 - 1),
        _integer(XSD.unsignedByte, XSD.unsignedShort, 0, 2**8 - 1),
        Datatype(XSD.float, "float", pattern=_FLOAT.pattern),
        Datatype(XSD.double, "double", pattern=_FLOAT.pattern),
        _string(XSD.string, RDF.PlainLiteral, r"(?s:.*)"),
        _string(XSD.normalizedString, XSD.string, r"[^\r\n\t]*"),
        _string(XSD.token, XSD.normalizedString, r"(?:[^\r\n\t ]+(?: [^\r\n\t ]+)*)?"),
        _string(XSD.language, XSD.token, r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*"),
        _string(XSD.NMTOKEN, XSD.token, r"[\w.\-:·]+"),
        _string(XSD.Name, XSD.token, r"(?:[^\W\d]|:)[\w.\-:·]*"),
        _string(XSD.NCName, XSD.Name, _NAME),
        Datatype(XSD.boolean, "boolean", pattern=r"true|false|0|1"),
        Datatype(XSD.hexBinary, "hex", pattern=r"(?:[0-9a-fA-F]{2})*"),
        Datatype(XSD.base64Binary, "base64", pattern=r"(?:[A-Za-z0-9+/]\s?)*(?:=\s?){0,2}"),
        Datatype(XSD.anyURI, "uri"),
        Datatype(XSD.dateTime, "time", pattern=rf"{_DATE}T{_TIME}{_ZONE}?"),
        Datatype(XSD.dateTimeStamp, "time", XSD.dateTime, rf"{_DATE}T{_TIME}{_ZONE}"),
        _date(XSD.date, _DATE),
        _date(XSD.time, _TIME),
        _date(XSD.gYear, r"-?(?:[1-9]\d{3,}|0\d{3})"),
        _date(XSD.gYearMonth, r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])"),
        _date(XSD.gMonthDay, r"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"),
        _date(XSD.gMonth, r"--(?:0[1-9]|1[0-2])"),
        _date(XSD.gDay, r"---(?:0[1-9]|[12]\d|3[01])"),
    )
}


def value(literal: Literal) -> Value | None:
    """What `literal` denotes: its kind and a value that equal literals share; None where ill-typed.

    Literals of unknown datatypes denote themselves.
    """
    datatype = DATATYPES.get(literal.datatype)
    if literal.language:
        return ("text", literal.language.lower(), literal.value)
    if datatype is None:
        return ("unknown", literal.datatype.value, literal.value)
    if not datatype.reads(literal.value):
        return None
    return (datatype.kind, *_canonical(datatype.kind, literal.value))


def _canonical(kind: str, lexical: str) -> Value:
    if kind == "real":
        return (Decimal(lexical),)
    if kind in ("float", "double"):
        # NaN is no number equal to itself, but one value.
        number = float(lexical.replace("INF", "inf"))
        return ("NaN",) if number != number else (number,)  # noqa: PLR0124
    if kind == "boolean":
        return (lexical in ("true", "1"),)
    if kind == "hex":
        return (lexical.lower(),)
    if kind == "base64":
        return ("".join(lexical.split()),)
    return (lexical,)


def holds(datatype: NamedNode, literal: Literal) -> bool:
    """Whether the value of `literal` is in the value space of `datatype`, which must be known."""
    denoted = value(literal)
    return denoted is not None and DATATYPES[datatype].holds(denoted)


def same(one: Literal, other: Literal) -> bool:
    """Whether two literals have the same value (dt-eq); ill-typed ones only if they are one term."""
    if one == other:
        return True
    denoted = value(one)
    return denoted is not None and denoted == value(other)


def below(low: NamedNode, high: NamedNode) -> bool:
    """Whether every value of the datatype `low` is one of `high`."""
    return intersection_below((low,), high)


def intersection_below(lows: Iterable[NamedNode], high: NamedNode) -> bool:
    """Whether every value that all of `lows` share is one of `high`.

    True also where they share none; unknown datatypes are below themselves only.
    """
    known = [DATATYPES[low] for low in lows if low in DATATYPES]
    if high in lows or (known and high == RDFS.Literal):
        return True
    goal = DATATYPES.get(high)
    if goal is None or not known:
        return False
    if _disjoint(known) or any(high in _ancestors(datatype) for datatype in known):
        return True
    numbers = [datatype for datatype in known if datatype.kind == "real"]
    if goal.kind != "real" or not numbers:
        return False
    low = max((d.low for d in numbers if d.low is not None), default=None)
    high_end = min((d.high for d in numbers if d.high is not None), default=None)
    if low is not None and high_end is not None and low > high_end:
        return True
    return (
        (not goal.whole or any(d.whole for d in numbers))
        and (goal.low is None or (low is not None and low >= goal.low))
        and (goal.high is None or (high_end is not None and high_end <= goal.high))
    )


def _disjoint(datatypes: Iterable[Datatype]) -> bool:
    kinds = {datatype.kind for datatype in datatypes} - {"any"}
    if "plain" in kinds:
        kinds.discard("plain")
        return bool(kinds - {"string", "text"}) or kinds == {"string", "text"}
    return len(kinds) > 1


def _ancestors(datatype: Datatype) -> set[NamedNode]:
    found: set[NamedNode] = set()
    iri: NamedNode | None = datatype.iri
    while iri is not None:
        found.add(iri)
        iri = DATATYPES[iri].parent
    return found
