"""How far a word is from the part of a text that is most like it."""

from __future__ import annotations


def nearest(word: str, text: str) -> tuple[int, int]:
    """The least number of letters to add, leave out or change until the word stands in the text.

    Beside it the place behind that part of the text, the first of equals. By Myers' bit vectors
    (J. ACM 46, 1999): one step for each letter of the text, whatever the length of the word.

    >>> nearest("hamamtsu", "area of hamamatsu in kci")
    (1, 17)
    """
    size = len(word)
    last = 1 << (size - 1)
    places: dict[str, int] = {}
    for at, letter in enumerate(word):
        places[letter] = places.get(letter, 0) | 1 << at
    more, less, errors = (1 << size) - 1, 0, size
    best, end = size, 0
    for at, letter in enumerate(text, 1):
        same = places.get(letter, 0)
        vertical = same | less
        horizontal = (((same & more) + more) ^ more) | same
        added, removed = less | ~(horizontal | more), more & horizontal
        errors += bool(added & last) - bool(removed & last)
        added, removed = added << 1, removed << 1
        more, less = removed | ~(vertical | added), added & vertical
        if errors < best:
            best, end = errors, at
    return best, end


def tolerated(word: str) -> int:
    """How many letters of a word may be wrong for it still to be meant."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2 if len(word) < 11 else 3
