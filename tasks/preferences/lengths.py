"""How long a rejected text has to be, so that length alone tells nothing of a pair."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tasks.brief.model import ContentType

LEAST_ROOM = 0.04  # of the chosen length: a narrower window than this is not asked for


@dataclass(frozen=True)
class Limits:
    """Code points of a rejected text: the least, the number asked for, the most."""

    least: int
    wanted: int
    most: int


def limits_of(chosen: int, content_type: ContentType, band: float, *, longer: bool, last: bool) -> Limits:
    """Return the limits of one attempt.

    Args:
        chosen: length of the chosen text, which lies within the content type's limits.
        band: how far the rejected length may be from it, as a share.
        longer: on which side of the chosen length it should lie; the other side where the content type leaves no room.
        last: the last attempt may lie on either side, as long as it is aimed at the one.
    """
    least = max(math.ceil(chosen * (1 - band)), content_type.min_chars)
    most = min(math.floor(chosen * (1 + band)), content_type.max_chars)
    above, below = (min(chosen + 1, most), most), (least, max(chosen - 1, least))
    wide_enough = [side for side in (above, below) if side[1] - side[0] >= chosen * LEAST_ROOM]
    preferred = above if longer else below
    side = preferred if preferred in wide_enough or not wide_enough else wide_enough[0]
    wanted = (side[0] + side[1]) // 2
    return Limits(least, wanted, most) if last else Limits(side[0], wanted, side[1])
