"""Tasks that say why: the proof of a triple, or what it lacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from clustergraph.errors import ClusterGraphError, ParameterError
from clustergraph.explanation import Axioms, Explainer, Explanation, write_explanation
from clustergraph.folder import Places
from clustergraph.inference import Proof, Reasoner
from clustergraph.settings import Settings
from clustergraph.sparql.term import read_term
from clustergraph.store import EmbeddedStore
from clustergraph.store.labels import labels
from clustergraph.store.similar import similar
from clustergraph.terms import Literal, NamedNode, Term, Triple
from clustergraph.validation.labels import in_language
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output

MEDIA_TYPES = {"json": "application/json", "turtle": "text/turtle", "text": "text/plain"}
NAMES = ("subject", "predicate", "object")


@lru_cache(maxsize=1)
def reasoner(holdings: Holdings) -> Reasoner:
    """The closure of what the files say; built when it is first needed, once for what is held."""
    return Reasoner(holdings.store("none"), written=holdings.literals.written)


def steps(holdings: Holdings) -> Iterator[Callable[[], object]]:
    """What an explanation needs first."""
    yield lambda: reasoner(holdings)


def explain(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write the proof of a triple as `format` says; `tree` is JSON with what a page shows.

    The note `entailed` is `no` where the triple does not follow; then what it lacks is written, as JSON.
    Raises ParameterError for a term that cannot be read.
    """
    triple = _triple(holdings, task)
    language, format = task.option("lang", "en"), task.option("format", "json")
    proof, store, places = _prove(holdings, triple)
    axioms = Axioms(store, holdings.settings, language)
    explainer = Explainer(axioms, places)
    if proof is None:
        found = _not_entailed(holdings, triple, explainer)
        if format == "tree":
            found["shown"] = [axioms.shown(term) for term in triple]
        output.write(_json(found))
        return Done("application/json", {"entailed": "no"})
    explanation = explainer.explain(proof)
    if format == "tree":
        label = partial(_label, store, axioms, holdings.settings)
        output.write(_json(_tree(label, axioms, explanation)))
        return Done("application/json")
    output.write(write_explanation(explanation, format, holdings.settings.prefixes).encode())
    return Done(MEDIA_TYPES[format])


def _prove(holdings: Holdings, triple: Triple) -> tuple[Proof | None, EmbeddedStore, Places]:
    """A proof, None where there is none; what it is told with, and where the files say what they say."""
    if holdings.behind is not None:
        proof, told = holdings.behind.prove(triple)
        return proof, told, Places(told, ())
    return reasoner(holdings).prove(triple), holdings.store("none"), _places(holdings)


@lru_cache(maxsize=1)
def _places(holdings: Holdings) -> Places:
    """Where the files say what they say; a file is read when a proof first leads to it."""
    return Places(holdings.store("none"), holdings.folder.files())


def _triple(holdings: Holdings, task: Task) -> Triple:
    terms = []
    for name in NAMES:
        text = task.option(name)
        try:
            terms.append(read_term(text, holdings.settings.prefixes))
        except (ClusterGraphError, ValueError) as error:
            expected = "an IRI, a prefixed name or a literal in Turtle"
            raise ParameterError(name, expected=expected, argument=text) from error
    subject, predicate, object = terms
    if isinstance(subject, Literal):
        expected = "an IRI or prefixed name; a literal is no subject"
        raise ParameterError("subject", expected=expected, argument=task.option("subject"))
    if not isinstance(predicate, NamedNode):
        expected = "an IRI, a prefixed name, or `a`"
        raise ParameterError("predicate", expected=expected, argument=task.option("predicate"))
    return Triple(subject, predicate, object)


def _not_entailed(holdings: Holdings, triple: Triple, explainer: Explainer) -> dict[str, Any]:
    """What is known of a triple that does not follow; a service is not asked for what it nearly holds."""
    if holdings.behind is not None:
        return {"triple": [str(term) for term in triple], "lack": None, "unmentioned": {}}
    missing = reasoner(holdings).shortfall(triple)
    lack = None if missing is None else explainer.lack(missing)
    prefixes, unmentioned = holdings.settings.prefixes, {}
    for term in triple:
        near = similar(holdings.store("none"), term, prefixes) if isinstance(term, NamedNode) else None
        if near is not None:
            unmentioned[str(term)] = list(near)
    return {
        "triple": [str(term) for term in triple],
        "lack": None
        if lack is None
        else {
            "rule": lack.rule,
            "missing": lack.missing,
            "held": list(lack.held),
            "axioms": list(lack.axioms),
        },
        "unmentioned": unmentioned,
    }


def _label(store: EmbeddedStore, axioms: Axioms, settings: Settings, term: Term) -> str:
    """What a term is called."""
    if not isinstance(term, NamedNode):
        return term.value if isinstance(term, Literal) else ""
    found = in_language(tuple(labels(store, term, settings.vocabulary.label)), axioms.language)
    return found.value if found else ""


def _tree(label: Callable[[Term], str], axioms: Axioms, explanation: Explanation) -> dict[str, Any]:
    """An explanation with the labels of its terms and of its graph."""

    def named(term: Term) -> dict[str, str]:
        return {"text": axioms.shown(term), "label": label(term), "iri": _iri(term)}

    return {
        "terms": [named(term) for term in explanation.triple] if explanation.triple else [],
        "rule": explanation.rule,
        "axioms": list(explanation.axioms),
        "premises": [_tree(label, axioms, premise) for premise in explanation.premises],
        "graph": named(NamedNode(explanation.graph)) if explanation.graph else None,
        "file": None if explanation.file is None else Path(explanation.file).as_posix(),
        "line": explanation.line,
    }


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n"
