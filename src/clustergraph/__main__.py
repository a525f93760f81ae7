"""`python -m clustergraph`."""

from __future__ import annotations

from clustergraph.cli import main

if __name__ == "__main__":
    main()
