"""Forms with files: read whole under a limit, then taken apart."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from clustergraph.server.http.body import read_body
from clustergraph.server.http.protocol import content_type, parameters

# Files and fields of one form.
_MOST = 16


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form by name, and the file in it, which is empty where none was chosen."""

    fields: dict[str, str]
    file: bytes = b""
    filename: str = ""


async def read_form(request: Request, limit: int) -> Form:
    """The form in the body of a request, of either of HTML's encodings.

    Raises HTTPException 413 for a body of more than `limit` bytes, 400 for one that is no form.
    """
    body = await read_body(request, limit)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    if content_type(request)[0] != "multipart/form-data":
        return Form(dict(parameters(body)))
    parser = MultiPartParser(request.headers, stream(), max_files=1, max_fields=_MOST, max_part_size=limit)
    parser.spool_max_size = limit + 1  # nothing of it goes to disk
    try:
        found = await parser.parse()
    except (MultiPartException, UnicodeDecodeError, LookupError, ValueError) as error:
        raise HTTPException(400, "the form is malformed") from error
    fields: dict[str, str] = {}
    file, filename = b"", ""
    for name, part in found.multi_items():
        if isinstance(part, UploadFile):
            file, filename = await part.read(), part.filename or ""
            await part.close()
        else:
            fields[name] = part
    return Form(fields, file, filename)
