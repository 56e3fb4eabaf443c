"""A picture with words across it, again and again, so that no part of it is without them."""

import hashlib
import io

from PIL import Image, ImageDraw, ImageFont

from schemas.views import PagePicture
from usecases.tinos import font_file

_SIZE = 26
"""Pixels of the letters, on a page that is some 900 wide."""
_INK, _STRONG = (150, 30, 30), 70
"""Red, as seals are, and of 255 pale enough to read through."""
_APART = 150
_TURNED = 30.0
_QUALITY = 70


def watermarked(picture: PagePicture, words: str) -> PagePicture:
    """The same picture with ``words`` across it, as WebP.

    Raises:
        MissingDependency: the font is not installed.
    """
    page = Image.open(io.BytesIO(picture.content)).convert("RGB")
    longest = int((page.width**2 + page.height**2) ** 0.5) + _APART
    mark = Image.new("L", (longest, longest))
    pen = ImageDraw.Draw(mark)
    font = ImageFont.truetype(str(font_file("Bold")), _SIZE)
    wide = int(pen.textlength(words, font)) + 2 * _SIZE
    for line, top in enumerate(range(0, longest, _APART)):
        for left in range(-(line % 2) * wide // 2, longest, wide):
            pen.text((left, top), words, fill=_STRONG, font=font)
    turned = mark.rotate(_TURNED, resample=Image.Resampling.BILINEAR)
    left, top = (longest - page.width) // 2, (longest - page.height) // 2
    page.paste(_INK, mask=turned.crop((left, top, left + page.width, top + page.height)))
    out = io.BytesIO()
    page.save(out, "WEBP", quality=_QUALITY)
    content = out.getvalue()
    return picture.model_copy(
        update={
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "media_type": "image/webp",
        }
    )
