"""What SHACL's own properties take: the rules of well-formedness as data (SHACL §2–§4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clustergraph.terms import RDF, SH, XSD, BlankNode, Literal, NamedNode, Term
from clustergraph.validation.literals import INTEGERS, is_well_typed

NODE_KINDS = (
    SH.BlankNode, SH.IRI, SH.Literal, SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral, SH.IRIOrLiteral,
)  # fmt: skip


def _is_iri(term: Term) -> bool:
    return isinstance(term, NamedNode)


def _is_literal(term: Term) -> bool:
    return isinstance(term, Literal)


def _is_node(term: Term) -> bool:
    return isinstance(term, NamedNode | BlankNode)


def _is_count(term: Term) -> bool:
    return (
        isinstance(term, Literal)
        and term.datatype.value in INTEGERS
        and is_well_typed(term)
        and int(term.value) >= 0
    )


def _is_boolean(term: Term) -> bool:
    return isinstance(term, Literal) and term.datatype == XSD.boolean and is_well_typed(term)


def _is_string(term: Term) -> bool:
    return isinstance(term, Literal) and term.datatype == XSD.string


def _is_text(term: Term) -> bool:
    return isinstance(term, Literal) and term.datatype in {XSD.string, RDF.langString}


def _is_any(_term: Term) -> bool:
    return True


def is_true(term: Term | None) -> bool:
    """Whether the term is `true`; `"1"^^xsd:boolean` is another term, which switches nothing on.

    So the W3C test suite has it (w3c/data-shapes#98).
    """
    return term == _TRUE


_TRUE = Literal("true", datatype=XSD.boolean)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one property of a shape may have as values.

    `members` holds where the value is an RDF list; `single` where there is at most one value;
    `on_properties` where node shapes may not have it.
    """

    expected: str
    accepts: Callable[[Term], bool]
    single: bool = False
    members: bool = False
    on_properties: bool = False


_IRI = Rule("an IRI", _is_iri)
_ONE_IRI = Rule("one IRI", _is_iri, single=True)
_SHAPE = Rule("a shape", _is_node)
_SHAPE_LIST = Rule("a list of shapes", _is_node, members=True)
_COUNT = Rule("one non-negative xsd:integer", _is_count, single=True)
_PROPERTY_COUNT = Rule("one non-negative xsd:integer", _is_count, single=True, on_properties=True)
_ONE_LITERAL = Rule("one literal", _is_literal, single=True)
_ONE_STRING = Rule("one string", _is_string, single=True)
_BOOLEAN = Rule("one xsd:boolean", _is_boolean, single=True)
_PROPERTY_BOOLEAN = Rule("one xsd:boolean", _is_boolean, single=True, on_properties=True)

# Each property that makes a constraint, or belongs to one.
PARAMETERS: Mapping[str, Rule] = {
    "class": _IRI,
    "datatype": _ONE_IRI,
    "nodeKind": Rule("one of SHACL's six node kinds", lambda term: term in NODE_KINDS, single=True),
    "minCount": _PROPERTY_COUNT,
    "maxCount": _PROPERTY_COUNT,
    "minExclusive": _ONE_LITERAL,
    "minInclusive": _ONE_LITERAL,
    "maxExclusive": _ONE_LITERAL,
    "maxInclusive": _ONE_LITERAL,
    "minLength": _COUNT,
    "maxLength": _COUNT,
    "pattern": _ONE_STRING,
    "flags": _ONE_STRING,
    "languageIn": Rule("one list of strings", _is_string, single=True, members=True),
    "uniqueLang": _PROPERTY_BOOLEAN,
    "equals": _IRI,
    "disjoint": _IRI,
    "lessThan": Rule("an IRI", _is_iri, on_properties=True),
    "lessThanOrEquals": Rule("an IRI", _is_iri, on_properties=True),
    "not": _SHAPE,
    "and": _SHAPE_LIST,
    "or": _SHAPE_LIST,
    "xone": _SHAPE_LIST,
    "node": _SHAPE,
    "property": _SHAPE,
    "qualifiedValueShape": Rule("one shape", _is_node, single=True, on_properties=True),
    "qualifiedMinCount": _PROPERTY_COUNT,
    "qualifiedMaxCount": _PROPERTY_COUNT,
    "qualifiedValueShapesDisjoint": _PROPERTY_BOOLEAN,
    "closed": _BOOLEAN,
    "ignoredProperties": Rule("one list of IRIs", _is_iri, single=True, members=True),
    "hasValue": Rule("a term", _is_any),
    "in": Rule("one list", _is_any, single=True, members=True),
    "sparql": Rule("a SPARQL constraint", _is_node),
}

TARGETS: Mapping[str, Rule] = {
    "targetNode": Rule("an IRI or a literal", lambda term: not isinstance(term, BlankNode)),
    "targetClass": _IRI,
    "targetSubjectsOf": _IRI,
    "targetObjectsOf": _IRI,
}

_DESCRIPTIONS: Mapping[str, Rule] = {
    "severity": _ONE_IRI,
    "deactivated": _BOOLEAN,
    "message": Rule("a string", _is_text),
    "name": Rule("a string", _is_text),
    "description": Rule("a string", _is_text),
}

RULES: Mapping[str, Rule] = {**PARAMETERS, **TARGETS, **_DESCRIPTIONS}

# Allowed beside constraints, without any bearing on validation.
ANNOTATIONS = frozenset({
    "path", "order", "group", "defaultValue", "declare", "prefixes", "rule", "shapesGraph",
    "suggestedShapesGraph", "optional", "labelTemplate", "intent", "agentInstruction", "codeIdentifier",
})  # fmt: skip

# Constraints and targets of SHACL Advanced Features, SHACL-JS and SHACL 1.2: understood as such, and refused.
NOT_EVALUATED = frozenset({
    "target", "expression", "js", "values", "filterShape", "nodes", "memberShape", "minListLength",
    "maxListLength", "uniqueMembers", "singleLine", "subsetOf", "reifierShape", "reificationRequired",
    "someValue", "nodeByExpression", "rootClass", "uniqueValuesForClass", "targetWhere",
    "shape", "targetShape",
})  # fmt: skip


def component(parameter: str) -> NamedNode:
    """The constraint component that a parameter of SHACL Core belongs to.

    >>> component("minCount").value.split("#")[1]
    'MinCountConstraintComponent'
    """
    return NamedNode(f"{SH}{parameter[0].upper()}{parameter[1:]}ConstraintComponent")
