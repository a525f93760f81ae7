"""OWL 2 RL: the closure of a graph, its contradictions, and a proof of each triple."""

from __future__ import annotations

from clustergraph.inference.closure import Closure, Ignored, Inconsistency, Proof
from clustergraph.inference.entailment import Entailed, entails
from clustergraph.inference.gathering import Gathering
from clustergraph.inference.maintenance import Change
from clustergraph.inference.materialise import materialise
from clustergraph.inference.reasoner import Reasoner
from clustergraph.inference.remote import infer_there, materialise_there
from clustergraph.inference.shortfall import Shortfall

__all__ = [
    "Change",
    "Closure",
    "Entailed",
    "Gathering",
    "Ignored",
    "Inconsistency",
    "Proof",
    "Reasoner",
    "Shortfall",
    "entails",
    "infer_there",
    "materialise",
    "materialise_there",
]
