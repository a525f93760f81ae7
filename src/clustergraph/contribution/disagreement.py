"""Where sources disagree, which is no error, and where one source contradicts itself, which is.

A claim is a node that says a figure of something. Claims are comparable where they agree in what they
are about, in indicator, period, unit and scope; the settings name the properties of each of these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from clustergraph.contribution.labels import labels_of
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings, Vocabulary
from clustergraph.terms import (
    SH,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Resource,
    Term,
    Triple,
    compact,
)
from clustergraph.validation import Report, Result
from clustergraph.validation.labels import in_language
from clustergraph.validation.report import Claim, Dispute, in_order

# A component and a shape of our own: no shape of a graph can see which source says what.
ONE_FIGURE = NamedNode("urn:clustergraph:OneFigureConstraintComponent")
SHAPE = NamedNode("urn:clustergraph:one-figure-a-source")

_WORDS = {
    "en": "One source gives two figures for the same thing: {here} here and {there} in “{name}”. "
    "Correct one of them, or say in what they differ (period, unit, scope), or that they contradict "
    "each other.",
    "ja": "同じ出典が同じ対象に二つの値を与えています（ここでは {here}、「{name}」では {there}）。"
    "どちらかを修正するか、違い（期間・単位・範囲）または矛盾していることを示してください。",
}

_Figure = tuple[tuple[NamedNode, Term], ...]


def with_disagreements(
    report: Report, edition: Edition, settings: Settings, nodes: Collection[Resource] | None = None
) -> Report:
    """The report with the disputes between sources, and a result for each clash within one.

    With `nodes` only with those that claims of these nodes take part in. A figure that has two values
    because two graphs give one each is a dispute too, and no longer a result. Without the properties of
    claims in the settings the report stays as it is.
    """
    vocabulary = settings.vocabulary
    if not (vocabulary.about and vocabulary.figure and vocabulary.indicator):
        return report
    claims = _Claims(edition, settings)
    groups = claims.disagreeing(nodes)
    results = tuple(result for result in report.results if not claims.is_disputed(result))
    if not groups and len(results) == len(report.results):
        return report
    clashes = [result for group in groups for result in claims.clashes(group)]
    disputes = in_order(dispute for group in groups if (dispute := claims.dispute(group)))
    spoken = [term for dispute in disputes for term in (*dispute.about, *dispute.indicator)]
    labels = {**labels_of(spoken, (edition,), settings), **report.labels}
    return replace(report, results=in_order([*results, *clashes]), disputes=disputes, labels=labels)


def claims_affected(
    changed: Iterable[Triple], editions: Iterable[Edition], settings: Settings
) -> frozenset[Resource] | None:
    """The nodes whose claims, or what these are compared with, a change can alter.

    The triples are those that are in one of the two editions only. None where several graphs give a
    figure of such a node: whether that is a dispute or a result may alter, whatever the shapes read.
    """
    spoken = {property for part in _parts(settings.vocabulary) for property in part}
    found = frozenset(
        term
        for triple in changed
        if triple.predicate in spoken
        for term in (triple.subject, triple.object)
        if isinstance(term, Resource)
    )
    known = [_Claims(edition, settings) for edition in editions]
    if any(claims.are_of_several_graphs(found) for claims in known):
        return None
    return found.union(node for claims in known for node in claims.beside(found))


@dataclass(frozen=True)
class _Claim:
    """A node, the graph that gives its figure, and the figure as stored."""

    node: Resource
    graph: NamedNode | BlankNode
    figure: _Figure


class _Claims:
    """The claims of one edition."""

    def __init__(self, edition: Edition, settings: Settings) -> None:
        self._edition = edition
        self._settings = settings
        self._native = edition.store.native
        self._vocabulary = settings.vocabulary

    def disagreeing(self, nodes: Collection[Resource] | None = None) -> list[list[_Claim]]:
        """Comparable claims, of some nodes, of which some differ in the figure."""
        groups: defaultdict[object, list[_Claim]] = defaultdict(list)
        for claim in self._all(nodes):
            key = self._key(claim.node)
            if key is not None:
                groups[key].append(claim)
        found = [sorted(group, key=lambda c: (str(c.node), str(c.graph))) for group in groups.values()]
        return [group for group in found if any(_differ(a, b) for a, b in combinations(group, 2))]

    def beside(self, nodes: Iterable[Resource]) -> Iterator[Resource]:
        """The nodes that say something of the same things as these."""
        for node in nodes:
            for property, thing in self._said(node, self._vocabulary.about):
                quads = self._native.quads_for_pattern(None, property, thing, DefaultGraph())
                yield from (quad.subject for quad in quads if isinstance(quad.subject, Resource))

    def are_of_several_graphs(self, nodes: Iterable[Resource]) -> bool:
        """Whether more than one graph says a figure of one of the nodes."""
        return any(len({claim.graph for claim in self._all([node])}) > 1 for node in nodes)

    def _all(self, nodes: Collection[Resource] | None = None) -> Iterator[_Claim]:
        """The claims, or those of some nodes."""
        figures: defaultdict[tuple[Resource, NamedNode | BlankNode], list[tuple[NamedNode, Term]]]
        figures = defaultdict(list)
        for property in self._vocabulary.figure:
            for node in (None,) if nodes is None else nodes:
                for quad in self._native.quads_for_pattern(node, property, None, None):
                    if isinstance(quad.graph_name, Resource) and isinstance(quad.subject, Resource):
                        figures[quad.subject, quad.graph_name].append((property, quad.object))
        for (node, graph), figure in figures.items():
            rank = self._vocabulary.figure.index
            yield _Claim(node, graph, tuple(sorted(figure, key=lambda one: (rank(one[0]), str(one[1])))))

    def _key(self, node: Resource) -> object:
        """What two claims must have in common to be comparable; None where one says too little."""
        about = self._said(node, self._vocabulary.about)
        indicator = self._said(node, self._vocabulary.indicator)
        if not about or not indicator:
            return None
        vocabulary = self._vocabulary
        rest = (self._said(node, part) for part in (vocabulary.period, vocabulary.unit, vocabulary.scope))
        return about, indicator, *rest

    def _said(self, node: Resource, properties: Iterable[NamedNode]) -> frozenset[tuple[NamedNode, Term]]:
        return frozenset(
            (property, quad.object)
            for property in properties
            for quad in self._native.quads_for_pattern(node, property, None, DefaultGraph())
        )

    def dispute(self, group: list[_Claim]) -> Dispute | None:
        """The dispute between the sources of a group; None where they differ within sources alone."""
        between = any(a.graph != b.graph and _differ(a, b) for a, b in combinations(group, 2))
        if not between and any(True for _ in self.clashes(group)):
            return None
        node = group[0].node
        return Dispute(
            tuple(sorted((t for _, t in self._said(node, self._vocabulary.about)), key=str)),
            tuple(sorted((t for _, t in self._said(node, self._vocabulary.indicator)), key=str)),
            tuple(Claim(c.node, c.graph, self._written(c)) for c in group),
        )

    def clashes(self, group: list[_Claim]) -> Iterator[Result]:
        """A result for each pair of claims in which one source contradicts itself unawares."""
        for one, other in combinations(group, 2):
            same = one.graph == other.graph and one.node != other.node
            if same and _differ(one, other) and not self._is_aware(one.node, other.node):
                yield self._clash(other, one)

    def _clash(self, claim: _Claim, other: _Claim) -> Result:
        path, value = self._written(claim)[0]
        figures = [" ".join(_text(term) for _, term in self._written(c)) for c in (claim, other)]
        labels = labels_of([other.node], (self._edition,), self._settings).get(other.node, ())
        explanations = []
        for tag, words in _WORDS.items():
            label = in_language(labels, tag)
            name = label.value if label else self._short(other.node)
            explanations.append(
                Literal(words.format(here=figures[0], there=figures[1], name=name), language=tag)
            )
        return Result(
            claim.node,
            path,
            value,
            SHAPE,
            ONE_FIGURE,
            explanations=tuple(explanations),
            expected=(other.node,),
        )

    def _short(self, node: Resource) -> str:
        return (compact(node.value, self._settings.prefixes) if isinstance(node, NamedNode) else None) or str(
            node
        )

    def _is_aware(self, one: Resource, other: Resource) -> bool:
        """Whether a claim is derived, or the two are said to contradict each other."""
        if any(self._said(node, self._vocabulary.derivation) for node in (one, other)):
            return True
        pairs = ((one, other), (other, one))
        return any(
            target in {term for _, term in self._said(node, self._vocabulary.contradiction)}
            for node, target in pairs
        )

    def is_disputed(self, result: Result) -> bool:
        """Whether a result complains of figures that are in dispute, of which no graph gives several."""
        path, focus = result.path, result.focus
        if result.constraint != SH.MaxCountConstraintComponent or path not in self._vocabulary.figure:
            return False
        if not isinstance(path, NamedNode) or not isinstance(focus, NamedNode | BlankNode):
            return False
        quads = self._native.quads_for_pattern(focus, path, None, None)
        graphs = [quad.graph_name for quad in quads if not isinstance(quad.graph_name, DefaultGraph)]
        return len(graphs) > 1 and len(graphs) == len(set(graphs)) and bool(self.disagreeing([focus]))

    def _written(self, claim: _Claim) -> _Figure:
        """The figure as the claim's source writes it."""
        return tuple(
            (property, next(iter(self._edition.written(claim.node, property, term)), term))
            for property, term in claim.figure
        )


def _parts(vocabulary: Vocabulary) -> Iterator[tuple[NamedNode, ...]]:
    """The properties that decide which claims are compared, and with what outcome."""
    yield from (vocabulary.about, vocabulary.figure, vocabulary.indicator, vocabulary.period)
    yield from (vocabulary.unit, vocabulary.scope, vocabulary.derivation, vocabulary.contradiction)


def _differ(one: _Claim, other: _Claim) -> bool:
    """Whether two figures say different things; a month lies within its year."""
    if one.figure == other.figure:
        return False
    if len(one.figure) == len(other.figure) == 1:
        (_, first), (_, second) = one.figure[0], other.figure[0]
        if isinstance(first, Literal) and isinstance(second, Literal):
            short, long = sorted((first.value, second.value), key=len)
            return not (long.startswith(f"{short}-") and len(short) >= 4)
    return True


def _text(term: Term) -> str:
    return term.value if isinstance(term, Literal) else str(term)
