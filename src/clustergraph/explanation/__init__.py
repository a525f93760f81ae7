"""Explaining a triple: its proof with axioms in words, and graph, file and line of each leaf."""

from __future__ import annotations

from clustergraph.explanation.explain import Explainer, Explanation, Lack
from clustergraph.explanation.inference import Conclusion, Inference
from clustergraph.explanation.words import Axioms
from clustergraph.explanation.writing import FORMATS, explanation_object, write_explanation

__all__ = [
    "FORMATS",
    "Axioms",
    "Conclusion",
    "Explainer",
    "Explanation",
    "Inference",
    "Lack",
    "explanation_object",
    "write_explanation",
]
