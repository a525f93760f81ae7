"""Charts: what is drawn of an answer, what is said of the rest, and that no answer breaks them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import clustergraph
from clustergraph.catalogue import Catalogue, SavedQuery
from clustergraph.charts import Figure, column_names, draw, stylesheet
from clustergraph.charts.measure import linear, number, span, width, wrapped, years
from clustergraph.charts.words import WORDS, number_text
from clustergraph.cli.app import app
from clustergraph.errors import FormatError, SavedQueryError
from clustergraph.settings import Settings, load_settings
from clustergraph.sparql.results import Boolean, Solutions
from colours import contrast, themes

ROOT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"
CATALOGUE = Catalogue(ROOT / "queries", load_settings(ROOT))
DRAWN = [query.name for query in CATALOGUE.queries if query.chart]
TILES = {"north": (1, 0), "west": (0, 1), "east": (2, 1)}
Rows = Sequence[Mapping[str, str | None]]


def asking(folder: Path, chart: str, columns: str = "x y z") -> SavedQuery:
    names = " ".join(f"?{name}" for name in columns.split())
    folder.mkdir(exist_ok=True)
    (folder / "q.rq").write_text(
        f"#+ summary: Numbers & <names>\n#+ summary-ja: 数と名\n#+ chart: {chart}\n"
        f"SELECT {names} {{ ?x ?y ?z }}",
        encoding="utf-8",
    )
    return Catalogue(folder, Settings(tiles=TILES, languages=("en", "ja")))["q"]


def answered(columns: str, rows: Rows) -> Solutions:
    def term(text: str) -> dict[str, str]:
        return {"type": "uri" if text.startswith("http://") else "literal", "value": text}

    bindings = [{name: term(text) for name, text in row.items() if text is not None} for row in rows]
    document = {"head": {"vars": columns.split()}, "results": {"bindings": bindings}}
    found = ox.parse_query_results(json.dumps(document).encode(), format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)
    return Solutions(found)


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Figure]:
    def figure(chart: str, rows: Rows, columns: str = "x y z", language: str = "en") -> Figure:
        return draw(asking(tmp_path / "queries", chart, columns), answered(columns, rows), language=language)

    return figure


def texts(figure: Figure) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(figure.document()).iter(f"{SVG}text")]


def titles(figure: Figure) -> list[str]:
    return [title.text or "" for title in ElementTree.fromstring(figure.document()).iter(f"{SVG}title")][1:]


def shapes(figure: Figure, role: str, kind: str = "rect") -> list[Mapping[str, str]]:
    found = ElementTree.fromstring(figure.document()).iter(f"{SVG}{kind}")
    return [shape.attrib for shape in found if role in shape.get("class", "").split()]


# Bars


def test_bars_have_their_labels_and_figures(drawn: Callable[..., Figure]) -> None:
    figure = drawn("{ mark: bar, x: x, y: y }", [{"x": "pines", "y": "12"}, {"x": "plums", "y": "1234.5"}])
    assert {"pines", "12", "plums", "1,234.5"} <= set(texts(figure))
    assert "plums: 1,234.5" in titles(figure)
    pines, plums = shapes(figure, "bar")
    assert float(plums["width"].rstrip("%")) > 50 > float(pines["width"].rstrip("%"))
    assert figure.notes == ()


def test_figures_that_disagree_are_both_seen(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "age", "y": "10", "z": "survey"}, {"x": "age", "y": "12", "z": "register"}]
    figure = drawn("{ mark: bar, x: x, y: y, colour: z }", rows)
    assert texts(figure).count("age") == 1
    assert {"survey", "register", "10", "12"} <= set(texts(figure))
    assert len({bar["class"] for bar in shapes(figure, "bar")}) == 2


def test_what_a_row_says_twice_is_drawn_once(drawn: Callable[..., Figure]) -> None:
    figure = drawn("{ mark: bar, x: x, y: y }", [{"x": "a", "y": "1", "z": z} for z in ("one", "other")])
    assert len(shapes(figure, "bar")) == 1


def test_ranges_have_whiskers(drawn: Callable[..., Figure]) -> None:
    figure = drawn("{ mark: bar, x: x, low: y, high: z }", [{"x": "a", "y": "500000000", "z": "1000000000"}])
    assert "500 million–1 billion" in texts(figure)
    assert len(shapes(figure, "whisker", "line")) == 3
    (known,), (possible,) = shapes(figure, "bar"), shapes(figure, "range")
    assert known["width"] == possible["x"] == possible["width"] == "50%"
    same = drawn("{ mark: bar, x: x, low: y, high: z }", [{"x": "a", "y": "5", "z": "5"}])
    assert not shapes(same, "whisker", "line")
    assert "5" in texts(same)


def test_each_unit_has_a_scale_of_its_own(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "a", "y": "500000000", "z": "yen"}, {"x": "a", "y": "4200000", "z": "dollar"}]
    figure = drawn("{ mark: bar, x: x, y: y, unit: z }", rows)
    assert {"yen", "dollar", "500 million", "4.2 million"} <= set(texts(figure))
    yen, dollar = (float(bar["width"].rstrip("%")) for bar in shapes(figure, "bar"))
    assert min(yen, dollar) > 50


def test_agreement_is_said_where_it_is_declared(drawn: Callable[..., Figure]) -> None:
    chart = "{ mark: bar, x: x, y: y, agreeing: z, differing: w }"
    rows = [{"x": "a", "y": "1", "z": "1", "w": "0"}, {"x": "b", "y": "1", "z": "0", "w": "2"}]
    query_columns = "x y z w"
    figure = drawn(chart, rows, query_columns)
    assert WORDS["en"]["agrees"] in texts(figure)
    assert f"b: 1: {WORDS['en']['differs']}" in titles(figure)


@pytest.mark.parametrize(
    ("language", "said"), [("en", ["3 per region", "5 in FY2007"]), ("ja", ["region当たり3", "FY2007：5"])]
)
def test_what_an_amount_is_for_is_said(drawn: Callable[..., Figure], language: str, said: list[str]) -> None:
    rows = [{"x": "a", "y": "3", "z": "region"}, {"x": "a", "y": "5", "w": "FY2007"}]
    figure = drawn("{ mark: bar, x: x, y: y, per: z, during: w }", rows, "x y z w", language=language)
    assert set(said) <= set(texts(figure))


def test_no_figure_is_not_zero(drawn: Callable[..., Figure]) -> None:
    figure = drawn("{ mark: bar, x: x, y: y }", [{"x": "a", "y": "3"}, {"x": "b"}, {"x": "c", "y": "0"}])
    assert texts(figure).count("no figure in the answer") == 1
    assert len(shapes(figure, "bar")) == 2


def test_nothing_is_cut_silently(drawn: Callable[..., Figure]) -> None:
    figure = drawn("{ mark: bar, x: x, y: y }", [{"x": f"a{n}", "y": str(n)} for n in range(75)])
    assert figure.notes == ("The first 60 of 75 are drawn; the table has all.",)
    assert any("The first 60 of 75" in text for text in texts(figure))
    assert figure.inline().count("The first 60 of 75") == 1  # in its description


def test_stacks_have_a_legend_and_totals(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "2002", "y": "19", "z": "one"}, {"x": "2002", "y": "12", "z": "two"}]
    figure = drawn("{ mark: bar, x: x, y: y, colour: z, stacked: true }", rows)
    assert {"one", "two", "19", "12", "31 in all"} <= set(texts(figure))
    first, second = shapes(figure, "bar")[-2:]
    assert float(second["x"].rstrip("%")) == pytest.approx(float(first["width"].rstrip("%")), abs=0.1)


def test_bars_below_zero_begin_at_zero(drawn: Callable[..., Figure]) -> None:
    figure = drawn("{ mark: bar, x: x, y: y }", [{"x": "a", "y": "-5"}, {"x": "b", "y": "5"}])
    below, above = shapes(figure, "bar")
    assert (below["x"], below["width"], above["x"]) == ("0%", "50%", "50%")
    assert "−5" in texts(figure)


# Lines, timelines, tiles


def test_lines_have_gaps_where_there_is_no_figure(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "2001", "y": "1", "z": "5"}, {"x": "2002", "z": "6"}, {"x": "2003", "y": "3", "z": "7"}]
    figure = drawn("{ mark: line, x: x, y: [y, z] }", rows)
    assert len(shapes(figure, "line", "line")) == 2
    assert len(shapes(figure, "dot", "path")) == 5 + 2
    assert figure.notes == ("Without a figure in the answer: 2002 y.",)
    assert {"2001", "2003"} <= set(texts(figure))


def test_a_line_goes_through_both_figures_of_a_year(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": x, "y": y} for x, y in (("2001", "1"), ("2002", "2"), ("2002", "4"), ("2003", "3"))]
    assert len(shapes(drawn("{ mark: line, x: x, y: y }", rows), "line", "line")) == 4


def test_timelines_say_how_much_is_known(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "2002", "y": "a"}, {"x": "2003-04", "y": "b", "z": "2005"}, {"y": "c"}]
    figure = drawn("{ mark: timeline, x: x, y: y, end: z }", rows)
    assert {"a", "b", "since 2002", "2003-04 to 2005"} <= set(texts(figure))
    assert figure.notes == ("Without a date in the answer: c.",)
    assert len(shapes(figure, "open", "line")) == 1
    year, period = (float(bar["width"].rstrip("%")) for bar in shapes(figure, "bar"))
    assert period == pytest.approx(year * 2.75, rel=0.01)


def test_arrows_lead_from_what_went_before(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "2002", "y": "a"}, {"x": "2010", "y": "b", "z": "a"}, {"x": "2011", "y": "c", "z": "none"}]
    figure = drawn("{ mark: timeline, x: x, y: y, after: z, open: true }", rows)
    assert len(shapes(figure, "head", "path")) == 1
    assert "b: since 2010 · follows a" in titles(figure)


def test_every_tile_is_there_and_what_has_none_is_named(drawn: Callable[..., Figure]) -> None:
    rows = [{"x": "north", "y": "3", "z": "Hokkaido"}, {"x": "west", "y": "0"}, {"x": "moon", "y": "9"}]
    figure = drawn("{ mark: map, x: x, y: y, name: z }", rows)
    assert {"Hokkaido: 3", "west: 0", "east: not in the answer"} <= set(titles(figure))
    assert figure.notes == ("Without a place on the map: moon.",)
    assert len(shapes(figure, "none")) == 1


# Any answer

CELL = (
    st.none()
    | st.text(max_size=40)
    | st.sampled_from(
        [
            "<script>alert(1)</script>", "]]>", "&amp;", '"onload="', "\x00\x1b\ufffe", "0", "-1", "1E400",
            "NaN", "INF", "1e-30", "9" * 60, "12.5", "2007", "2007-04", "2007-04-01", "-0044", "99999",
            "north",
            "日本" * 60, "a" * 300, "http://example.com/thing", "http://example.com/?a=1&b=<2>",
        ]
    )
)  # fmt: skip
CHARTS = [
    "{ mark: bar, x: x, y: y, colour: z }",
    "{ mark: bar, x: x, y: y, colour: z, stacked: true }",
    "{ mark: bar, x: x, low: y, high: z, unit: x, qualifier: z, agreeing: y, differing: z }",
    "{ mark: line, x: x, y: [y, z], colour: x }",
    "{ mark: timeline, x: x, y: y, end: z, after: z, band: y, bandStart: x, bandEnd: z }",
    "{ mark: map, x: x, y: y, name: z }",
]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.fixed_dictionaries({"x": CELL, "y": CELL, "z": CELL}), max_size=12))
@pytest.mark.parametrize("chart", CHARTS)
def test_any_answer_makes_a_document(drawn: Callable[..., Figure], chart: str, rows: Rows) -> None:
    figure = drawn(chart, _told(rows), language="ja")
    document = figure.document()
    assert document == drawn(chart, _told(rows), language="ja").document()
    root = ElementTree.fromstring(document)
    allowed = {"svg", "title", "desc", "style", "rect", "line", "path", "g", "text"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    for element in root.iter():
        for name, said in element.attrib.items():
            assert not name.startswith("on")
            assert "nan" not in said.lower() or name == "lang"
            if name in {"x", "y", "width", "height", "x1", "x2", "y1", "y2"} and said.endswith("%"):
                assert -0.01 <= float(said[:-1]) <= 100.01, (name, said)
    assert ElementTree.fromstring(figure.inline()).find(f"{SVG}style") is None


def _told(rows: Rows) -> Rows:
    """The rows as an engine would give them: IRIs and texts that JSON and RDF can carry."""
    return [
        {name: text.encode("utf-8", "replace").decode() for name, text in row.items() if text is not None}
        for row in rows
        if not any(text and text.startswith("http://") and "<" in text for text in row.values())
    ]


def test_links_are_in_pages_and_not_in_documents(tmp_path: Path) -> None:
    query = asking(tmp_path, "{ mark: bar, x: xLabel, y: y }", "x xLabel y")
    rows = [{"x": "http://example.com/a", "xLabel": "A & B", "y": "1"}]
    figure = draw(query, answered("x xLabel y", rows), language="en", link=lambda iri: f"/page?iri={iri}&a=1")
    inline = ElementTree.fromstring(figure.inline())
    (link,) = inline.iter(f"{SVG}a")
    assert link.get("href") == "/page?iri=http://example.com/a&a=1"
    assert inline.get("role") == "group"
    alone = draw(query, answered("x xLabel y", rows), language="en")
    assert ElementTree.fromstring(alone.document()).get("role") == "img"
    assert b"<a " not in alone.document()


def test_an_answer_without_a_chart_cannot_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("SELECT ?x { ?x ?y ?z }")
    with pytest.raises(FormatError, match="declares no chart"):
        draw(Catalogue(tmp_path, Settings())["q"], answered("x", []), language="en")
    query = asking(tmp_path, "{ mark: bar, x: x, y: y }")
    with pytest.raises(FormatError):
        draw(query, Boolean(ox.Store().query("ASK {}")), language="en")  # type: ignore[arg-type]
    assert draw(query, answered("x y", []), language="en").is_empty


@pytest.mark.parametrize(
    ("chart", "problem"),
    [
        ("{ mark: pie, x: x, y: y }", "mark 'pie'; expected one of bar, line, timeline, map"),
        ("{ mark: bar, x: x, slice: y }", "a bar has no slice"),
        ("{ mark: map, x: x }", "a map needs y"),
        ("{ mark: bar, x: x, y: [y, z] }", "y: expected one column"),
    ],
)
def test_a_chart_that_cannot_be_is_refused_with_its_line(tmp_path: Path, chart: str, problem: str) -> None:
    with pytest.raises(SavedQueryError, match=re.escape(problem)) as refused:
        asking(tmp_path, chart)
    assert refused.value.line == 3


# Scales, numbers, letters

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.booleans())
def test_scales_hold_their_numbers(numbers: list[Decimal], zero: bool) -> None:
    known = [found for each in numbers if (found := number(str(each))) is not None]
    if not known:
        return
    scale = linear(known, zero=zero)
    assert 2 <= len(scale.ticks) <= 8
    assert all(-0.001 <= scale.place(each) <= 100.001 for each in known)


@given(st.integers(-9999, 99999), st.integers(0, 5000))
def test_years_have_few_ticks(first: int, more: int) -> None:
    scale = years(Decimal(first), Decimal(first + more))
    assert len(scale.ticks) <= 8
    assert all(0 <= scale.place(tick) <= 100 for tick in scale.ticks)


@given(st.text(max_size=120), st.integers(2, 60))
def test_lines_are_no_wider_than_they_may_be(text: str, most: int) -> None:
    lines = wrapped(" ".join(text.split()), most)
    assert all(width(line) <= most for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split())


@given(NUMBERS)
def test_numbers_are_never_rounded(found: Decimal) -> None:
    scales = {" trillion": 12, " billion": 9, " million": 6}
    text = number_text(found, "en").replace(",", "").replace("−", "-")
    name = next((name for name in scales if text.endswith(name)), "")
    shown = Decimal(text.removesuffix(name))
    assert (shown.scaleb(scales[name]) if name else shown) == found
    assert span(text) is None or number(text) is not None


# The colours, in both themes


def test_contrast_is_enough_in_both_themes() -> None:
    for theme in themes(stylesheet()):
        ground = theme["c-ground"]
        for name in ("ink", "soft", *(f"s{n}" for n in range(1, 9))):
            assert contrast(theme[f"c-{name}"], ground) >= 4.5, name
        assert contrast(theme["c-zero"], ground) >= 3
        for n in range(1, 9):
            assert contrast(theme["c-on"], theme[f"c-s{n}"]) >= 4.5, n
        for n in range(6):
            on = theme["c-on-light" if n < 4 else "c-on-dark"]
            assert contrast(on, theme[f"c-q{n}"]) >= 4.5, n


# Ours


@pytest.fixture(scope="module")
def graph(own_cache: None) -> clustergraph.KnowledgeGraph:
    return clustergraph.open(ROOT)


@pytest.mark.parametrize("name", DRAWN)
def test_each_declared_chart_is_drawn_in_both_languages(
    name: str, graph: clustergraph.KnowledgeGraph
) -> None:
    query = CATALOGUE[name]
    asked = {p: list(each.example) for p, each in query.parameters.items() if each.required}
    for language in ("en", "ja"):
        spoken = asked | ({"lang": [language]} if "lang" in query.parameters else {})
        named = column_names(query, language)
        figure = draw(query, graph.ask(name, spoken), language=language, columns=named)
        assert not figure.is_empty
        assert len(figure.document()) < 40_000
        ElementTree.fromstring(figure.document())


def test_the_command_line_writes_a_chart(own_cache: None, tmp_path: Path) -> None:
    path = tmp_path / "funding.svg"
    asked = ["query", "yearly-funding", "--program", "kci-second-stage", "--format", "svg", "-o", str(path)]
    result = CliRunner().invoke(app, ["--root", str(ROOT), *asked])
    assert result.exit_code == 0, result.output
    document = path.read_bytes()
    assert b"500 million" in document
    assert CliRunner().invoke(app, ["--root", str(ROOT), *asked]).exit_code == 0
    assert path.read_bytes() == document
