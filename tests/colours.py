"""The colours of a stylesheet in both themes, and the contrast between two of them (WCAG 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator


def channel(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.03928 else float(((share + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        red, green, blue = (channel(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes(css: str) -> Iterator[dict[str, str]]:
    """The custom properties of the light and of the dark theme."""
    light, dark, *_ = re.split(r"@media \(prefers-color-scheme: dark\)", css)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", light))
    yield found
    yield found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", dark.split("}\n}")[0]))
