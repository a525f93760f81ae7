from pathlib import Path

import pytest

from clustergraph.catalogue.header import read_header
from clustergraph.errors import SavedQueryError

PATH = Path("query.rq")


def test_header_is_yaml_in_comments() -> None:
    header = read_header(PATH, "#+ summary: Areas\n#+ tags: [a, b]\nSELECT * {}")
    assert header.text("summary") == "Areas"
    assert header.entries["tags"] == ["a", "b"]


def test_blocks_broken_by_blank_lines_are_one_header() -> None:
    header = read_header(PATH, "#+ summary: Areas\n\n# a comment\n#+ tags:\n#+   - a\nSELECT * {}")
    assert header.entries == {"summary": "Areas", "tags": ["a"]}


def test_json_header_is_read() -> None:
    header = read_header(PATH, '#+ {\n#+ \t"summary": "Areas"\n#+ }\nSELECT * {}')
    assert header.text("summary") == "Areas"


def test_text_over_several_lines_is_folded() -> None:
    header = read_header(PATH, "#+ summary: Areas\n#+   of a program\nSELECT * {}")
    assert header.text("summary") == "Areas of a program"


def test_translations_have_the_language_in_their_key() -> None:
    header = read_header(PATH, "#+ summary: Areas\n#+ summary-ja: 地域\nSELECT * {}")
    assert header.texts("summary", ("en", "ja")) == {"en": "Areas", "ja": "地域"}


def test_query_without_header_has_no_entries() -> None:
    assert read_header(PATH, "SELECT * {}").entries == {}


def test_error_names_the_line_in_the_file() -> None:
    with pytest.raises(SavedQueryError) as caught:
        read_header(PATH, "# comment\n#+ summary: x\n\n#+ tags: a: b\nSELECT * {}")
    assert caught.value.line == 4
    assert str(caught.value).startswith("query.rq:4: header: ")


def test_header_that_is_a_list_is_refused() -> None:
    with pytest.raises(SavedQueryError, match="expected `key: …` lines"):
        read_header(PATH, "#+ - a\nSELECT * {}")
