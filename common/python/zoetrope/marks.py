# SPDX-License-Identifier: BSD-2-Clause
"""Marks, as Python has them and as they stand on a board."""

import json as json_module
from typing import Any, Dict, Iterable, NamedTuple, Optional, Tuple

from ._library import MarkRecord, encoded

_KINDS = ("box", "point", "line", "text")
_PLACE = {"box": ("x", "y", "width", "height"), "point": ("x", "y"),
          "line": ("x1", "y1", "x2", "y2"), "text": ("x", "y")}
_REST = ("label", "score", "id")
_LABEL_BYTES = 31


class Mark(NamedTuple):
    """One thing that a worker saw. Coordinates are fractions of the picture, 0 to 1."""
    kind: str           # "box", "point", "line", "text"
    x: float
    y: float
    width: float        # of boxes and lines: a line goes to (x + width, y + height)
    height: float
    label: str          # "" none
    score: float        # 0 not said
    id: int             # 0 not said


def _members(kind: str, item: Any) -> Dict[str, Any]:
    names = _PLACE[kind] + _REST
    if isinstance(item, dict):
        members = dict(item)
    elif len(item) > len(names):
        raise ValueError(f"{kind} {item!r}: more than {names}")
    else:
        members = dict(zip(names, item))
    wrong = set(members) - set(names) or set(_PLACE[kind]) - set(members)
    if wrong:
        raise ValueError(f"{kind} {item!r}: {', '.join(sorted(wrong))}? A {kind} is {names}, the "
                         "last three optional")
    return members


def _cut(label: Any) -> bytes:
    """UTF-8, cut where a character ends."""
    text = encoded(str(label))
    cut = text[:_LABEL_BYTES]
    while len(cut) < len(text) and cut and text[len(cut)] & 0xc0 == 0x80:
        cut = cut[:-1]
    return cut


def _encode(kind: str, item: Any, scale: Tuple[float, float]) -> MarkRecord:
    members = _members(kind, item)
    a, b, *size = (float(members[name]) for name in _PLACE[kind])
    if kind == "line":
        size = [size[0] - a, size[1] - b]
    width, height = size or (0.0, 0.0)
    return MarkRecord(
        kind=_KINDS.index(kind), x=a * scale[0], y=b * scale[1],
        width=width * scale[0], height=height * scale[1],
        score=float(members.get("score") or 0), id=int(members.get("id") or 0),
        label=_cut(members.get("label") or ""))


def encode_marks(scale: Tuple[float, float], boxes: Iterable[Any], points: Iterable[Any],
                 lines: Iterable[Any], texts: Iterable[Any]) -> Any:
    """An array of struct zoe_mark; `scale` makes the coordinates fractions."""
    records = [_encode(kind, item, scale)
               for kind, items in zip(_KINDS, (boxes, points, lines, texts)) for item in items]
    return (MarkRecord * len(records))(*records)


def _lie(x: float, y: float, rotation: int, mirrored: bool) -> Tuple[float, float]:
    """Where a spot of the upright picture is in the picture as it lies in memory."""
    x, y = {90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}.get(rotation, (x, y))
    return (1 - x if mirrored else x), y


def lay_marks(records: Any, rotation: int, mirrored: bool) -> None:
    """Move marks on the upright picture to where it lies in memory."""
    for mark in records:
        x, y = _lie(mark.x, mark.y, rotation, mirrored)
        to_x, to_y = _lie(mark.x + mark.width, mark.y + mark.height, rotation, mirrored)
        mark.width, mark.height = to_x - x, to_y - y
        if _KINDS[mark.kind] == "box":
            x, y = min(x, to_x), min(y, to_y)
            mark.width, mark.height = abs(mark.width), abs(mark.height)
        mark.x, mark.y = x, y


def decode_mark(record: MarkRecord) -> Mark:
    """A mark of one's own from the library's."""
    kind = _KINDS[record.kind] if record.kind < len(_KINDS) else str(record.kind)
    return Mark(kind, record.x, record.y, record.width, record.height,
                record.label.decode("utf-8", "replace"), record.score, record.id)


def _plain(value: Any) -> Any:
    """What json does not know, numpy's scalars and arrays above all."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is nothing for JSON: {value!r}")


def encode_json(value: Any) -> Optional[bytes]:
    """A text is taken as it is."""
    text = value
    if value is not None and not isinstance(value, str):
        text = json_module.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))
    # JSON is UTF-8: half a surrogate, as in the name of a file that is none, becomes '?'.
    return text.replace("\0", "\ufffd").encode("utf-8", "replace") if text else None
