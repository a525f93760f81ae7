"""Charts of answers, as saved queries declare them: SVG that fits any width, in both themes.

Written by templates: of the libraries weighed, altair with vl-convert installs 106 MB for the same
bars, pygal (2 MB) loads a script from elsewhere and knows no whiskers, gaps or maps of tiles, leather
(1 MB) cuts long labels; none keeps its letters legible on a phone.
"""

from clustergraph.charts.figure import Figure, column_names, draw, edition, in_words, stylesheet

__all__ = ["Figure", "column_names", "draw", "edition", "in_words", "stylesheet"]
