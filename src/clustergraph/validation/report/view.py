"""How a reader sees a report: language, prefixes, and the texts that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clustergraph.terms import STANDARD_PREFIXES, BlankNode, NamedNode, Term, shortened
from clustergraph.validation.labels import in_language
from clustergraph.validation.paths import Path, write_path
from clustergraph.validation.report.result import Dispute, Report, Result


@dataclass(frozen=True, slots=True)
class _Words:
    sentence: str
    separator: str
    between: str


_DISPUTED = {
    "en": _Words("Sources disagree, which is no error: {}: {}", ", ", "; "),
    "ja": _Words("出典の間で値が異なります（誤りではありません）: {}: {}", "、", "；"),
}


@dataclass(frozen=True, slots=True)
class View:
    """The language and the prefixes that a report is written with."""

    language: str = "en"
    prefixes: Mapping[str, str] = field(default_factory=lambda: dict(STANDARD_PREFIXES))

    def term(self, term: Term) -> str:
        """The term in Turtle's syntax, short where a prefix allows it."""
        return shortened(term, self.prefixes)

    def path(self, path: Path) -> str:
        """The path in SPARQL's syntax."""
        return write_path(path, self.term)

    def label(self, report: Report, term: Term) -> str:
        """The label of the term in the reader's language, or the empty string."""
        found = in_language(report.labels.get(term, ()), self.language)
        return found.value if found else ""

    def explanation(self, result: Result) -> str:
        """What is wrong and what to do; the shape's own words where an engine explains nothing."""
        found = in_language(result.explanations or result.messages, self.language)
        return found.value if found else self.term(result.constraint)

    def message(self, result: Result) -> str:
        """The shape's own words, or the empty string where there are none beside the explanation."""
        found = in_language(result.messages, self.language) if result.explanations else None
        return found.value if found else ""

    def dispute(self, report: Report, dispute: Dispute) -> str:
        """What the sources say in one line, and that this is no error."""
        words = _DISPUTED.get(self.language, _DISPUTED["en"])
        things = (
            self.label(report, term) or self.term(term) for term in (*dispute.about, *dispute.indicator)
        )
        claims = (
            f"{words.separator.join(self.term(term) for _, term in claim.figure)} ({self.term(claim.graph)})"
            for claim in dispute.claims
        )
        return words.sentence.format(words.separator.join(things), words.between.join(claims))

    def text(self, result: Result) -> str:
        """Both in one line."""
        explanation, message = self.explanation(result), self.message(result)
        return f"{explanation} ({message})" if message else explanation


def plain(term: Term) -> str:
    """The term for machines: an IRI bare, a blank node as `_:label`, a literal as N-Triples has it."""
    if isinstance(term, NamedNode):
        return term.value
    return f"_:{term.value}" if isinstance(term, BlankNode) else str(term)


def plain_path(path: Path) -> str:
    """The path for machines: a predicate bare, others in SPARQL's syntax with full IRIs."""
    return path.value if isinstance(path, NamedNode) else write_path(path)
