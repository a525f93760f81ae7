"""`sh:pattern`: by the engine's REGEX, or by Python's where the engine does not know the syntax.

Oxigraph's regular expressions have no look-around and no back references; real shapes use both.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import pyoxigraph as ox

from clustergraph.terms import Literal, NamedNode, Term

_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}


def is_native(arguments: tuple[Term, ...]) -> bool:
    """Whether the engine's REGEX understands the pattern and its flags."""
    call = f"REGEX('', {', '.join(map(str, arguments))})"
    return bool(ox.Store().query(f"ASK {{ FILTER({call} || !{call}) }}"))


def is_understood(arguments: tuple[Term, ...]) -> bool:
    """Whether the pattern can be evaluated at all."""
    return is_native(arguments) or _compiled(arguments) is not None


def matching(literals: Collection[Literal], arguments: tuple[Term, ...]) -> set[Literal]:
    """Those of the literals whose lexical form matches the pattern."""
    if is_native(arguments):
        numbered = list(literals)
        forms = " ".join(f"({index} {Literal(literal.value)})" for index, literal in enumerate(numbered))
        test = f"FILTER(REGEX(?form, {', '.join(map(str, arguments))}))"
        found = ox.Store().query(f"SELECT ?index {{ VALUES (?index ?form) {{ {forms} }} {test} }}")
        assert isinstance(found, ox.QuerySolutions)
        return {numbered[int(solution["index"].value)] for solution in found}
    pattern = _compiled(arguments)
    assert pattern is not None  # the shapes were read with `is_understood`
    return {literal for literal in literals if pattern.search(literal.value)}


def _compiled(arguments: tuple[Term, ...]) -> re.Pattern[str] | None:
    text = arguments[0].value if isinstance(arguments[0], Literal | NamedNode) else ""
    flags = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], Literal) else ""
    if "q" in flags:
        text, flags = re.escape(text), flags.replace("q", "")
    if not set(flags) <= set(_FLAGS):
        return None
    try:
        return re.compile(text, sum(_FLAGS[flag] for flag in set(flags)))
    except re.error:
        return None
