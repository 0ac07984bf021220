"""Rejected rows as people read them."""

import pandas as pd

from gis_core.texts import TEXTS


def in_words(rejects: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Rejected rows with the reason as a code and in words.

    Parameters
    ----------
    rejects
        Columns :data:`gis_core.issues.REJECT_COLUMNS`, and ``table`` where there are several.

    Returns
    -------
    told
        Columns ``table`` (if given), ``row``, ``key``, ``code``, ``reason``.
    """
    reasons = [
        TEXTS.say(reason, lang, **params) for reason, params in zip(rejects["reason"], rejects["params"], strict=True)
    ]
    named = [name for name in ("table", "row", "key") if name in rejects]
    return rejects[named].assign(code=rejects["reason"], reason=reasons)
