"""Validation: SHACL Core and SHACL-SPARQL compiled to SPARQL, and the report of it."""

from __future__ import annotations

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
from clustergraph.validation.validate import validate

__all__ = [
    "Coverage",
    "Edit",
    "Fix",
    "Report",
    "Result",
    "Severity",
    "State",
    "Untouched",
    "View",
    "validate",
    "write_report",
]
