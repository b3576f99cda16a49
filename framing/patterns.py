"""Regular expressions that are compiled when they are first used: with the native engine most never are."""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    def __init__(self, source: str, flags: int) -> None:
        self._source = source, flags

    def __getattr__(self, name: str) -> Any:
        """What the compiled expression has by that name; it is kept, so that the next time nothing stands between."""
        if name.startswith("__"):
            raise AttributeError(name)
        kept = self.__dict__[name] = getattr(re.compile(*self._source), name)
        return kept


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, later."""
    return cast("re.Pattern[str]", _Later(source, flags))
