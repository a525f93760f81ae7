"""Fixes: what was probably meant, offered where validation says that it helps and breaks nothing."""

from __future__ import annotations

from clustergraph.contribution.fixes.apply import Applied, apply_fixes
from clustergraph.contribution.fixes.verify import with_fixes

__all__ = ["Applied", "apply_fixes", "with_fixes"]
