"""A sheet of A4 to draw forms on, in millimetres from the top left corner.

Black on white, no tone carries a meaning of its own. The font is embedded: those that every
reader has lack the narrow no-break space of French numbers and letters of Lingala.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 210.0, 297.0
MARGIN = 11.0
#: Between the margins.
INNER = WIDTH - 2 * MARGIN

REGULAR, BOLD = "DejaVu", "DejaVu-Bold"
_FILES = {REGULAR: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}

#: Points of type per millimetre of line height, with some air.
_LINE = 0.43
_MM = 72 / 25.4
_RULE = 0.35
_GREY = (0.91, 0.91, 0.90)


class Paper:
    """Pages of one file, A4 unless said otherwise. ``y`` grows downwards.

    Every measure is in millimetres, type in points.

    The same content gives the same bytes: no date and no random id is written into the file.
    """

    def __init__(self, title: str, *, width: float = WIDTH, height: float = HEIGHT) -> None:
        from reportlab.pdfgen.canvas import Canvas

        _register()
        self._buffer = BytesIO()
        self._height = height
        self._canvas: Any = Canvas(
            self._buffer, pagesize=(width * _MM, height * _MM), invariant=1, pageCompression=1
        )
        self._canvas.setTitle(title)
        self._canvas.setCreator("aidlog")

    @contextmanager
    def stamp(self, name: str) -> Iterator[None]:
        """Draw what follows once, to be put on any page with :meth:`put`."""
        self._canvas.beginForm(name)
        yield
        self._canvas.endForm()

    def put(self, name: str) -> None:
        """Put what was drawn as ``name`` on this page."""
        self._canvas.doForm(name)

    def turn(self) -> None:
        """End this page and begin the next."""
        self._canvas.showPage()

    def bytes(self) -> bytes:
        """Return the whole file; every page was ended."""
        self._canvas.save()
        return self._buffer.getvalue()

    def text(  # noqa: PLR0913 - how a line of type is set
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 9,
        bold: bool = False,
        align: str = "left",
        white: bool = False,
    ) -> None:
        """Set one line of type with its baseline at ``y``; ``x`` is its left, right or middle."""
        canvas = self._canvas
        canvas.setFont(BOLD if bold else REGULAR, size)
        canvas.setFillGray(1 if white else 0)
        draw = {
            "left": canvas.drawString,
            "right": canvas.drawRightString,
            "center": canvas.drawCentredString,
        }[align]
        draw(x * _MM, (self._height - y) * _MM, words)

    def fitted(  # noqa: PLR0913 - how a line of type is set
        self,
        x: float,
        y: float,
        words: str,
        width: float,
        *,
        size: float = 9,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Set one line, smaller where it would be wider than ``width``, at least half its size."""
        wide = width_of(words, size, bold=bold)
        if wide > width:
            size = max(size / 2, size * width / wide)
        while words and width_of(words, size, bold=bold) > width + 0.01:
            words = words[:-2] + "…" if len(words) > 2 else ""
        self.text(x, y, words, size=size, bold=bold, align=align)

    def block(  # noqa: PLR0913 - how a paragraph is set
        self,
        x: float,
        y: float,
        words: str,
        width: float,
        *,
        size: float = 9,
        bold: bool = False,
        most: int = 99,
    ) -> float:
        """Set a paragraph from its top ``y``, at most ``most`` lines; return where it ends."""
        for line in broken(words, width, size, bold=bold)[:most]:
            y += line_height(size)
            self.text(x, y - line_height(size) * 0.24, line, size=size, bold=bold)
        return y

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "",
        rule: float = _RULE,
    ) -> None:
        """Draw a frame; ``fill`` is empty, ``grey`` or ``black``."""
        canvas = self._canvas
        canvas.setLineWidth(rule * _MM)
        canvas.setStrokeGray(0)
        if fill == "black":
            canvas.setFillGray(0)
        else:
            canvas.setFillColorRGB(*_GREY)
        canvas.rect(
            x * _MM,
            (self._height - y - height) * _MM,
            width * _MM,
            height * _MM,
            stroke=1,
            fill=1 if fill else 0,
        )

    def bar(self, y: float, words: str, *, x: float = MARGIN, width: float = INNER) -> float:
        """Draw a black heading bar; return where it ends."""
        self.box(x, y, width, 6.4, fill="black")
        self.text(x + 2, y + 4.5, words, size=10, bold=True, white=True)
        return y + 6.4

    def row(self, y: float, height: float, widths: Sequence[float], *, fill: str = "") -> None:
        """Draw the frames of one row of a table from the left margin."""
        x = MARGIN
        for width in widths:
            self.box(x, y, width, height, fill=fill)
            x += width

    def qr(self, x: float, y: float, side: float, content: str) -> None:
        """Draw ``content`` as a QR code; error correction M, quiet zone left to the margin."""
        import segno

        code = segno.make(content, error="m", micro=False)
        cells = [list(row) for row in code.matrix]
        step = side / len(cells)
        self._canvas.setFillGray(0)
        for row, cell in enumerate(cells):
            start = None
            for column, dark in enumerate([*cell, 0]):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    self._canvas.rect(
                        (x + start * step) * _MM,
                        (self._height - y - (row + 1) * step) * _MM,
                        (column - start) * step * _MM,
                        step * _MM * 1.02,  # no hairline between rows
                        stroke=0,
                        fill=1,
                    )
                    start = None


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of type in millimetres."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    _register()
    return float(stringWidth(words, BOLD if bold else REGULAR, size)) / _MM


def broken(words: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return ``words`` broken into lines of at most ``width`` millimetres.

    A single word that is wider is cut: a long lot number stays readable on two lines.
    """
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while width_of(word, size, bold=bold) > width and len(word) > 1:
            cut = len(word) - 1
            while cut > 1 and width_of(word[:cut], size, bold=bold) > width:
                cut -= 1
            lines.append(word[:cut])
            word = word[cut:]  # noqa: PLW2901 - what is left of it
        line = word
    return [*lines, line] if line else lines


def size_for_words(words: str, width: float, size: float, *, bold: bool = False) -> float:
    """Return the type size, at most ``size`` and at least its half, at which no word is cut."""
    widest = max((width_of(word, size, bold=bold) for word in words.split()), default=0.0)
    return size if widest <= width else max(size / 2, size * width / widest * 0.99)


def line_height(size: float) -> float:
    """Return the height of a line of type in millimetres."""
    return size * _LINE


def _register() -> None:
    """Make the embedded font known to reportlab, once a process."""
    from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in _FILES.items():
        if name not in getRegisteredFontNames():
            registerFont(TTFont(name, str(Path(__file__).parent / "fonts" / file)))
