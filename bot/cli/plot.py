"""A reliability plot as a PNG. Drawn here, for ten circles and two axes are not worth a plotting library's fifty
megabytes, and so that `--plot` works wherever `friction` does."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.figures import Bin

SIDE, MARGIN, ZOOM = 480, 80, 2
WHITE, GREY, BLUE, BLACK = (255, 255, 255), (210, 210, 210), (38, 99, 188), (40, 40, 40)

#: The letters that are written, five columns of seven dots each, the lowest bit on top: the font of many a display.
_FONT = {
    letter: bytes.fromhex(columns)
    for letter, columns in (
        pair.split("=")
        for pair in """
        0=3e5149453e 1=00427f4000 2=4261514946 3=2141454b31 4=1814127f10 5=2745454539 6=3c4a494930 7=0171090503
        8=3649494936 9=064949291e %=2313086462 a=2054545478 e=3854545418 f=087e090102 g=0c5252523e h=7f08040478
        i=00447d4000 m=7c04180478 n=7c08040478 o=3844444438 p=7c14141408 r=7c08040408 s=4854545420 t=043f444020
        u=3c4040207c w=3c4030403c
        """.split()
    )
}

_Canvas = NDArray[np.uint8]


def reliability(bins: Sequence[Bin]) -> bytes:
    """How sure the classifier was, from left to right, and how often it was right, from bottom to top, as a PNG.

    One circle a bin, larger with more reports, and their number below; on the grey diagonal it is as good as it says.
    """
    size = SIDE + 2 * MARGIN
    canvas: _Canvas = np.full((size, size, 3), WHITE, dtype=np.uint8)
    for percent in range(0, 101, 20):
        at = MARGIN + SIDE * percent // 100
        canvas[MARGIN : MARGIN + SIDE + 1, at] = canvas[size - at, MARGIN : MARGIN + SIDE + 1] = GREY
        _write(canvas, f"{percent}%", at, size - MARGIN + 18)
        _write(canvas, f"{percent}%", MARGIN - 34, size - at)
    for at in range(SIDE + 1):
        canvas[size - MARGIN - at, MARGIN + at] = canvas[size - MARGIN - at - 1, MARGIN + at] = GREY
    _write(canvas, "how sure it was", size // 2, size - 24)
    _write(canvas, "how often it was right", size // 2, MARGIN - 40)
    most = max((each.reports for each in bins), default=1)
    rows, columns = np.mgrid[0:size, 0:size]
    for each in bins:
        x, y = MARGIN + SIDE * each.sure, size - MARGIN - SIDE * each.right
        radius = 4 + 14 * (each.reports / most) ** 0.5
        canvas[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = BLUE
        _write(canvas, str(each.reports), round(x), round(y + radius + 12))
    return _png(canvas)


def _write(canvas: _Canvas, words: str, x: int, y: int) -> None:
    """Write words with their middle at x, y."""
    left = x - 3 * ZOOM * len(words)
    for letter in words:
        for column, dots in enumerate(b"" if letter == " " else _FONT[letter]):
            for row in range(8):
                if dots >> row & 1:
                    top, at = y + ZOOM * (row - 4), left + ZOOM * column
                    canvas[top : top + ZOOM, at : at + ZOOM] = BLACK
        left += 6 * ZOOM


def _png(canvas: _Canvas) -> bytes:
    """The file format: https://www.w3.org/TR/png-3/, true colour, no filter."""
    height, width, _ = canvas.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), canvas.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
