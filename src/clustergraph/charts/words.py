"""The words that charts say by themselves, and numbers, in each language that they speak."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "agrees": "= another source states the same",
        "described": "{mark} with {shown} marks; the table has all figures.",
        "differs": "≠ another source states otherwise",
        "empty": "There is nothing to draw.",
        "join": ", ",
        "mark:bar": "Bar chart",
        "mark:line": "Line chart",
        "mark:map": "Tile map",
        "mark:timeline": "Timeline",
        "more": "and {count} more",
        "cut": "The first {shown} of {count} are drawn; the table has all.",
        "no-date": "Without a date in the answer: {names}.",
        "no-figure": "no figure in the answer",
        "no-figures": "Without a figure in the answer: {names}.",
        "no-place": "Without a place on the map: {names}.",
        "no-row": "not in the answer",
        "during": "{figure} in {by}",
        "per": "{figure} per {by}",
        "qualified": "{by} {figure}",
        "since": "since {start}",
        "from-to": "{start} to {end}",
        "succeeds": "follows {names}",
        "total": "{number} in all",
    },
    "ja": {
        "agrees": "＝ 他の出典も同じ値",
        "described": "{mark}（{shown}項目）。すべての数値は表にあります。",
        "differs": "≠ 他の出典は異なる値",
        "empty": "描くものがありません。",
        "join": "、",
        "mark:bar": "棒グラフ",
        "mark:line": "折れ線グラフ",
        "mark:map": "タイルマップ",
        "mark:timeline": "年表",
        "more": "ほか{count}件",
        "cut": "{count}件のうち最初の{shown}件を描いています。すべては表にあります。",
        "no-date": "回答に日付がないもの：{names}。",
        "no-figure": "回答に数値なし",
        "no-figures": "回答に数値がないもの：{names}。",
        "no-place": "地図に位置がないもの：{names}。",
        "no-row": "回答になし",
        "during": "{by}：{figure}",
        "per": "{by}当たり{figure}",
        "qualified": "{figure}（{by}）",
        "since": "{start}から",
        "from-to": "{start}～{end}",
        "succeeds": "前身：{names}",
        "total": "計{number}",
    },
}
# Names of powers of ten; a number takes one where it stays exact in four digits.
_SCALES: Mapping[str, tuple[tuple[Decimal, str], ...]] = {
    "en": (
        (Decimal(10**12), " trillion"),
        (Decimal(10**9), " billion"),
        (Decimal(10**6), " million"),
    ),
    "ja": ((Decimal(10**12), "兆"), (Decimal(10**8), "億"), (Decimal(10**4), "万")),
}
_LEAST = 10**6
_NAMES = 40


def words(language: str) -> Mapping[str, str]:
    """The words in the language, else in English."""
    return WORDS.get(language.partition("-")[0], WORDS["en"])


def number_text(number: Decimal, language: str) -> str:
    """A number as readers write it, never rounded.

    >>> number_text(Decimal("5E8"), "en"), number_text(Decimal("5E8"), "ja")
    ('500 million', '5億')
    >>> number_text(Decimal("42735042"), "en"), number_text(Decimal("-0.50"), "en")
    ('42,735,042', '−0.5')
    """
    size = number.copy_abs()  # abs() would round to the precision of the context
    if size >= _LEAST:
        for scale, name in _SCALES.get(language.partition("-")[0], _SCALES["en"]):
            scaled = (size / scale).normalize()
            if scaled >= 1 and len(scaled.as_tuple().digits) <= 4 and scaled * scale == size:
                return ("−" if number < 0 else "") + _digits(scaled) + name
    return ("−" if number < 0 else "") + _digits(size)


def _digits(size: Decimal) -> str:
    text = f"{size:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(names: list[str], language: str) -> str:
    """Names in a row; what is left out of a long one is counted."""
    word = words(language)
    shown = names[:_NAMES]
    if len(names) > _NAMES:
        shown.append(word["more"].format(count=len(names) - _NAMES))
    return word["join"].join(shown)
