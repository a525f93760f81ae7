"""Folding: the form in which texts are compared, and where each letter of it stands in the text.

What differs only in case, width, marks or script is the same to who searches: `Kōbe` and `KOBE`, `ﾊﾏﾏﾂ`
and `はままつ`, `２００７` and `2007`. Signs between words count as space.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# The marks that make another letter of a kana (が, ぱ); all other marks are left out.
_VOICED = "\u3099\u309a"
# A letter with the marks behind it, those of half-width katakana too: what is folded as one.
_CLUSTER = re.compile("(?s).[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\uff9e\uff9f]*")
# Katakana that have a hiragana, which they are folded to.
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `starts` and `ends` are the places in the text as written of each of its letters."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the text as written that a part of the folded one stands for."""
        return (self.starts[start], self.ends[end - 1]) if start < end else (0, 0)


def fold(text: str) -> str:
    """The text as it is compared.

    >>> fold("Kōbe（神戸）　ﾊﾞｲｵ-2007")
    'kobe 神戸 ばいお 2007'
    """
    lower = text.lower()
    return lower if _PLAIN.fullmatch(lower) else fold_with_places(text).text


def fold_with_places(text: str) -> Folded:
    """The folded text with the place of each letter."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    spaced = True
    for cluster in _CLUSTER.finditer(text):
        for letter in _folded(cluster[0]):
            if letter == " " and spaced:
                continue
            spaced = letter == " "
            letters.append(letter)
            starts.append(cluster.start())
            ends.append(cluster.end())
    if letters and spaced:
        del letters[-1], starts[-1], ends[-1]
    return Folded("".join(letters), tuple(starts), tuple(ends))


@lru_cache(maxsize=8192)
def _folded(cluster: str) -> str:
    """One letter with its marks, folded; a sign becomes a space."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    kept = []
    for letter in unicodedata.normalize("NFD", plain):
        kind = unicodedata.category(letter)[0]
        if kind in "LN" or letter in _VOICED:
            kept.append(letter)
        elif kind != "M":
            kept.append(" ")
    return unicodedata.normalize("NFC", "".join(kept)).translate(_KATAKANA)


def short_grams(folded: str) -> set[str]:
    """What one or two letters may ask for: two letters of a word, its first one, each ideograph.

    >>> sorted(short_grams("it 神戸"))
    ['i', 'it', '戸', '神', '神戸']
    """
    found: set[str] = set()
    for word in folded.split():
        found.add(word[0])
        found.update(word[at : at + 2] for at in range(len(word) - 1))
        found.update(letter for letter in word if _is_ideograph(letter))
    return found


def trigrams(word: str) -> list[str]:
    """The parts of three letters, each once, in order.

    >>> trigrams("kobe")
    ['kob', 'obe']
    """
    return list(dict.fromkeys(word[at : at + 3] for at in range(len(word) - 2)))


def _is_ideograph(letter: str) -> bool:
    code = ord(letter)
    return any(first <= code <= last for first, last in _IDEOGRAPHS)
