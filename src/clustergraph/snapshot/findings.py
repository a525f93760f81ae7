"""What inference says beside its triples, as JSON: inconsistencies with their proofs, ignored axioms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pyoxigraph as ox

from clustergraph.terms import NamedNode, Quad, Term, Triple

if TYPE_CHECKING:
    from clustergraph.inference import Ignored, Inconsistency, Proof


class _Proof(TypedDict):
    triple: str
    rule: str
    axioms: list[str]
    premises: list[_Proof]


class _Inconsistency(TypedDict):
    rule: str
    axiom: list[str]
    individuals: list[str]
    proof: _Proof | None
    message: str


class _Findings(TypedDict):
    inconsistencies: list[_Inconsistency]
    ignored: list[tuple[str, str]]


def write_findings(
    path: Path, inconsistencies: tuple[Inconsistency, ...], ignored: tuple[Ignored, ...]
) -> None:
    """Write inconsistencies and ignored axioms to a file."""
    found = _Findings(
        inconsistencies=[
            _Inconsistency(
                rule=one.rule,
                axiom=[str(triple) for triple in one.axiom],
                individuals=[str(term) for term in one.individuals],
                proof=None if one.proof is None else _proof(one.proof),
                message=one.message,
            )
            for one in inconsistencies
        ],
        ignored=[(str(one.axiom), one.reason) for one in ignored],
    )
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def read_findings(path: Path) -> tuple[tuple[Inconsistency, ...], tuple[Ignored, ...]]:
    """The inconsistencies and ignored axioms that `write_findings` wrote."""
    found: _Findings = json.loads(path.read_text(encoding="utf-8"))
    if not found["inconsistencies"] and not found["ignored"]:
        return (), ()
    # A question needs no reasoner: its import is paid only where there is something to say.
    from clustergraph.inference import Ignored, Inconsistency  # noqa: PLC0415

    return (
        tuple(
            Inconsistency(
                rule=one["rule"],
                axiom=tuple(map(_triple, one["axiom"])),
                individuals=tuple(map(_term, one["individuals"])),
                proof=None if one["proof"] is None else _read_proof(one["proof"]),
                message=one["message"],
            )
            for one in found["inconsistencies"]
        ),
        tuple(Ignored(_triple(axiom), reason) for axiom, reason in found["ignored"]),
    )


def _proof(proof: Proof) -> _Proof:
    return _Proof(
        triple="" if proof.triple is None else str(proof.triple),
        rule=proof.rule,
        axioms=[str(axiom) for axiom in proof.axioms],
        premises=[_proof(premise) for premise in proof.premises],
    )


def _read_proof(proof: _Proof) -> Proof:
    from clustergraph.inference import Proof  # noqa: PLC0415  # as above

    return Proof(
        triple=_triple(proof["triple"]) if proof["triple"] else None,
        rule=proof["rule"],
        axioms=tuple(map(_triple, proof["axioms"])),
        premises=tuple(map(_read_proof, proof["premises"])),
    )


def _triple(text: str) -> Triple:
    return _parsed(f"{text} .").triple


def _term(text: str) -> Term:
    return _parsed(f"{NamedNode('x:s')} {NamedNode('x:p')} {text} .").object


def _parsed(line: str) -> Quad:
    quad: Quad = next(iter(ox.parse(input=line, format=ox.RdfFormat.N_TRIPLES)))
    return quad
