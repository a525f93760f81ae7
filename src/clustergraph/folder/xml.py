"""RDF/XML before the engine sees it: in UTF-8, well-formed, and without a DOCTYPE.

The engine takes only UTF-8, expands entities, and takes a document that breaks off for a whole one.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.parsers import expat

from clustergraph.errors import GraphSyntaxError

_DECLARATION = re.compile(r"\A<\?xml\b[^>]*?\?>")
_ENCODING = re.compile(r"""\bencoding\s*=\s*(["'])([A-Za-z][A-Za-z0-9._-]*)\1""")
_BYTE_ORDER = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)


def utf8_xml(path: Path, data: bytes) -> bytes:
    """The document in UTF-8, of any encoding that it declares.

    Raises GraphSyntaxError where it is not what its encoding says, is not well-formed, or holds a
    DOCTYPE (its entities can grow without bound, and name files).
    """
    encoding = next((name for mark, name in _BYTE_ORDER if data.startswith(mark)), "")
    if not encoding:
        head = data[:200].decode("latin-1")
        declaration = _DECLARATION.match(head)
        declared = _ENCODING.search(declaration[0]) if declaration else None
        encoding = declared[2] if declared else "utf-8"
    try:
        text = data.decode(encoding)
    except LookupError:
        raise GraphSyntaxError(path, 1, 1, f"expected a known encoding, found {encoding!r}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise GraphSyntaxError(
            path, line, column, f"expected {encoding}, found the byte 0x{data[error.start]:02x}"
        ) from None
    if declaration := _DECLARATION.match(text):
        text = _ENCODING.sub('encoding="UTF-8"', declaration[0]) + text[declaration.end() :]
    data = text.encode()
    _check(path, data)
    return data


def _check(path: Path, data: bytes) -> None:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise GraphSyntaxError(
            path,
            parser.CurrentLineNumber,
            parser.CurrentColumnNumber + 1,
            "expected no DOCTYPE: entities are refused",
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.ParseFile(io.BytesIO(data))
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code)
        raise GraphSyntaxError(path, error.lineno, error.offset + 1, f"expected XML: {problem}") from None
