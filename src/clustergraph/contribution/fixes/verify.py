"""Fixes that validation has tried: with each there are fewer results, and none is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from clustergraph.contribution.fixes.candidates import Candidate, Candidates
from clustergraph.contribution.fixes.editing import Editor
from clustergraph.folder import LiteralTable
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Quad, Term, Triple, Written, shortened
from clustergraph.validation import Affected, Fix, Report, Result
from clustergraph.validation.report.result import State

# Reports of more results have their fixes searched only when asked to: each trial validates anew.
MOST_RESULTS = 50
_UNPLACED = {
    "en": " (as a patch alone: the place in the file could not be told, so change it by hand)",
    "ja": "（ファイル内の箇所を特定できないためパッチのみです。手作業で直してください）",
}
# Letters of a term in the description of a fix.
_LONGEST = 120
# Trials of a report for which fixes were not asked.
_MOST_TRIALS = 16


class Judge(Protocol):
    """Judges a store as the edition of the candidates was."""

    def affected(self, changed: Collection[Triple], store: EmbeddedStore) -> Affected | None:
        """What of the store is to be judged again where the triples change; None for everything."""
        ...

    def judged(self, store: EmbeddedStore, written: Written, only: Affected | None) -> Report:
        """The report on the store, or on a part of it."""
        ...


def with_fixes(report: Report, candidates: Candidates, judge: Judge, *, every: bool = False) -> Report:
    """The report with a fix for each result that has one; of a change, for what is new.

    A fix is offered only where it was tried (with fixes of other subjects, where several are tried at
    once): the result is gone, and there is no other that was not there before. `every` lifts the bounds
    on results and trials.
    """
    if len(report.results) > MOST_RESULTS and not every:
        return report
    wanted = [result for result in report.results if result.state in {None, State.NEW}]
    if not wanted:
        return report
    aimed: defaultdict[Candidate, list[Result]] = defaultdict(list)
    ranks: dict[Candidate, int] = {}
    for result in wanted:
        for rank, candidate in enumerate(candidates.of(result)):
            aimed[candidate].append(result)
            ranks[candidate] = min(rank, ranks.get(candidate, rank))
    if not aimed:
        return report
    edition, settings = candidates.edition, candidates.settings
    trials, editor = _Trials(edition, judge, wanted), Editor(edition, every=every)
    trials.left = 2 * len(aimed) + 1 if every else _MOST_TRIALS
    fixes: defaultdict[Result, list[Fix]] = defaultdict(list)
    for candidate, cured in trials.passed(sorted(aimed, key=ranks.__getitem__), aimed):
        edits = editor.edits(candidate)
        described = _described(candidate, settings, is_edited=bool(edits))
        fix = Fix(described, candidate.removed, candidate.added, edits)
        for result in cured:
            fixes[result].append(fix)
    return replace(report, results=tuple(replace(r, fixes=tuple(fixes.get(r, ()))) for r in report.results))


class _Trials:
    """Tries candidates in the edition's store, which afterwards is as it was: a copy may be large.

    Those of different subjects are tried together, and apart where that fails.
    """

    def __init__(self, edition: Edition, judge: Judge, results: Sequence[Result]) -> None:
        self._edition = edition
        self._judge = judge
        self._literals = LiteralTable()
        self.left = _MOST_TRIALS
        self._by_focus: defaultdict[Term, list[Result]] = defaultdict(list)
        for result in results:
            self._by_focus[result.focus].append(result)

    def passed(
        self, candidates: Sequence[Candidate], aimed: Mapping[Candidate, list[Result]]
    ) -> Iterator[tuple[Candidate, list[Result]]]:
        """The candidates that help and break nothing, in their order, each with the results it cures."""
        cured: dict[Candidate, list[Result]] = {}
        remaining = list(candidates)
        while remaining and self.left:
            group: dict[object, Candidate] = {}
            for candidate in remaining:
                group.setdefault(candidate.added[0].subject, candidate)
            cured |= self._tried(list(group.values()), aimed)
            taken = set(group.values())
            remaining = [candidate for candidate in remaining if candidate not in taken]
        return ((candidate, cured[candidate]) for candidate in candidates if candidate in cured)

    def _tried(
        self, group: Sequence[Candidate], aimed: Mapping[Candidate, list[Result]]
    ) -> dict[Candidate, list[Result]]:
        if not self.left:
            return {}
        self.left -= 1
        before, after = self._outcomes(group)
        gone = before - after
        cured = {
            candidate: [
                result
                for result in dict.fromkeys([*aimed[candidate], *self._by_focus[candidate.added[0].subject]])
                if gone[_identity(result)]
            ]
            for candidate in group
        }
        if not after - before and all(cured.values()):
            return cured
        if len(group) == 1:
            return {}
        half = len(group) // 2
        return self._tried(group[:half], aimed) | self._tried(group[half:], aimed)

    def _outcomes(self, group: Sequence[Candidate]) -> tuple[Counter[object], Counter[object]]:
        """The results that the candidates can affect, without them and with them."""
        store, native = self._edition.store, self._edition.store.native
        removed = dict.fromkeys(self._quad(triple) for one in group for triple in one.removed)
        added = dict.fromkeys(self._quad(triple) for one in group for triple in one.added)
        only = self._judge.affected([quad.triple for quad in (*removed, *added)], store)
        before = _counted(self._judge.judged(store, self._edition.written, only))
        was = [quad for quad in removed if quad in native]
        came = [quad for quad in added if quad not in native]
        try:
            for quad in was:
                native.remove(quad)
            native.extend(added)
            after = _counted(self._judge.judged(store, self._written(group), only))
        finally:
            for quad in came:
                native.remove(quad)
            native.extend(was)
        return before, after

    def _quad(self, triple: Triple) -> Quad:
        object = triple.object
        stored = self._literals.stored(object) if isinstance(object, Literal) else object
        return Quad(triple.subject, triple.predicate, stored, DefaultGraph())

    def _written(self, group: Sequence[Candidate]) -> Written:
        """The literals as written, those that the candidates add among them."""
        added = {
            (quad.subject, quad.predicate, quad.object): triple.object
            for candidate in group
            for triple in candidate.added
            if isinstance(triple.object, Literal) and (quad := self._quad(triple))
        }

        def written(subject: Term, predicate: NamedNode, stored: Term) -> tuple[Literal, ...]:
            literal = added.get((subject, predicate, stored))  # type: ignore[arg-type]  # a term is looked up
            if isinstance(literal, Literal):
                return (literal,)
            return self._edition.written(subject, predicate, stored)

        return written


def _counted(report: Report) -> Counter[object]:
    return Counter(map(_identity, report.results))


def _identity(result: Result) -> object:
    return result.focus, result.path, result.value, result.constraint, result.shape


def _described(candidate: Candidate, settings: Settings, *, is_edited: bool) -> tuple[Literal, ...]:
    what = _shown(candidate.what, settings)
    by = _shown(candidate.by, settings)
    if not candidate.removed:
        texts = {"en": f"say what {what} is: {by}", "ja": f"{what} の種類を示す: {by}"}
    elif len(candidate.what) > 1:
        texts = {"en": f"swap {what}", "ja": f"{what} を入れ替える"}
    else:
        texts = {"en": f"write {by} instead of {what}", "ja": f"{what} を {by} に直す"}
    unplaced = {tag: "" if is_edited else words for tag, words in _UNPLACED.items()}
    return tuple(Literal(text + unplaced[tag], language=tag) for tag, text in texts.items())


def _shown(terms: Sequence[Term], settings: Settings) -> str:
    texts = (shortened(term, settings.prefixes) for term in terms)
    return " ".join(t if len(t) <= _LONGEST else f"{t[: _LONGEST - 1]}…" for t in texts)
