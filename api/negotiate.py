"""Which of the formats that there are a request prefers, by its header Accept (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping

from api.refusals import NotAcceptable


def choose(accept: str, formats: Mapping[str, str]) -> str:
    """The name of the format preferred; the first one where all are alike or nothing is said. Refuses if none fits."""
    if not accept.strip():
        return next(iter(formats))
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    scored = {name: _quality(media.partition(";")[0], ranges) for name, media in formats.items()}
    best = max(scored, key=lambda name: scored[name])
    if scored[best] <= 0:
        media = ", ".join(media.partition(";")[0] for media in formats.values())
        raise NotAcceptable(given=accept[:100], allowed=media)
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return media, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """The quality that the most specific matching range gives."""
    for wanted in (media, media.partition("/")[0] + "/*", "*/*"):
        found = [quality for given, quality in ranges if given == wanted]
        if found:
            return max(found)
    return 0.0
