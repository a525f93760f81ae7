"""Turtle documents that hypothesis draws: nested, commented, with names and literals in many spellings."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = st.sampled_from([":a", ":b", "<http://e/c>", "x:d", "_:e", "_:f", "_:g"])
_LITERALS = st.sampled_from(
    ['"t"', "'''l\n# t'''", '"t"@en', '"t"@JA', "1", "01", "-1.50", "1e0", "true", '"1"^^x:i']
)
_NODES = st.recursive(
    _NAMES | _LITERALS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "( " + " # c\n ".join(items) + " )"),
        st.lists(inner, max_size=2).map(lambda items: "[ " + " ; ".join(f"x:p {i}" for i in items) + " ]"),
    ),
    max_leaves=5,
)
_PREDICATES = st.sampled_from(["a", ":p", "x:q", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"])
_COMMENTS = st.sampled_from(["", "", " # comment\n", "\n# comment\n", "\n\n# one\n\n# two\n"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    text = draw(_COMMENTS) + "@prefix : <http://e/> .\nPREFIX x: <http://e/x#>" + draw(_COMMENTS) + "\n"
    for _ in range(draw(st.integers(0, 5))):
        text += draw(_NAMES) + draw(_COMMENTS)
        entries = draw(
            st.lists(st.tuples(_PREDICATES, st.lists(_NODES, min_size=1, max_size=3)), min_size=1, max_size=3)
        )
        text += (";" + draw(_COMMENTS)).join(
            f" {predicate} " + f" ,{draw(_COMMENTS)}".join(nodes) for predicate, nodes in entries
        )
        text += " ." + draw(_COMMENTS) + "\n"
    return text + draw(_COMMENTS)
