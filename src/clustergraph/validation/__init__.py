"""Validation: SHACL Core and SHACL-SPARQL compiled to SPARQL, and the report of it."""

from __future__ import annotations

from clustergraph.validation.affected import Affected
from clustergraph.validation.parse import ReadShapes, read_shapes
from clustergraph.validation.report import (
    Coverage,
    Edit,
    Fix,
    Report,
    Result,
    Severity,
    State,
    Untouched,
    View,
    write_report,
)
from clustergraph.validation.validate import affected_by, covered_after, validate

__all__ = [
    "Affected",
    "Coverage",
    "Edit",
    "Fix",
    "ReadShapes",
    "Report",
    "Result",
    "Severity",
    "State",
    "Untouched",
    "View",
    "affected_by",
    "covered_after",
    "read_shapes",
    "validate",
    "write_report",
]
