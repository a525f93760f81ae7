"""A small working graph to begin with, in a new folder.

The folder `folder/` beside this file is that graph, ready to be read as it stands; what begins with `dot-`
there begins with a dot where it goes.
"""

from clustergraph.starter.starter import Starter, write_starter

__all__ = ["Starter", "write_starter"]
