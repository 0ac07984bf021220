"""Pictures as cameras make them: looked at before they are read, and copies that tell nothing but what one sees."""

import datetime as dt
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from gis_core.errors import InvalidInput

MOST_BYTES, MOST_PIXELS = 12_000_000, 50_000_000
SHOWN_PIXELS = 1_600
"""Of the longer side of a copy."""
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY, _BAND = 85, 30
"""Of a copy's JPEG; and which part of its longer side the lettering is high."""


@dataclass(frozen=True)
class Picture:
    """What a picture says of itself: its kind, its size, when and where the camera says it was taken."""

    media_type: str
    width: int
    height: int
    taken_at: dt.datetime | None
    lon: float | None
    lat: float | None


def look_at(content: bytes, zone: ZoneInfo) -> tuple[Picture, Image.Image]:
    """What a picture says of itself, and the picture upright, read to its last pixel.

    Parameters
    ----------
    zone
        Of a camera's clock that names none.

    Raises
    ------
    InvalidInput
        When it is no JPEG, PNG or WebP, is larger than the limits, moves, or is damaged.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput("photo_large", field="body", value=len(content), expected=MOST_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Any = Image.open(BytesIO(content), formats=tuple(MEDIA_TYPES))
            # Only the head has been read; a bomb goes off when the rest is.
            if image.width * image.height > MOST_PIXELS:
                found = f"{image.width} × {image.height}"
                raise InvalidInput("photo_pixels", field="body", value=found, expected=f"{MOST_PIXELS:,}")
            if getattr(image, "n_frames", 1) > 1:
                raise InvalidInput("photo_moves", field="body", value=image.format)
            image.load()
            exif = image.getexif()
            said = Picture(
                MEDIA_TYPES[image.format], image.width, image.height, _taken_at(exif, zone), *_position(exif)
            )
            return said, _flat(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise InvalidInput("photo_kind", field="body", value="", expected="JPEG, PNG, WebP") from None
    except (OSError, SyntaxError, ValueError, EOFError) as fault:
        if isinstance(fault, InvalidInput):
            raise
        raise InvalidInput("photo_damaged", field="body", value=type(fault).__name__) from None


def copy_of(image: Image.Image, words: str, plain: str) -> bytes:
    """A copy to be shown, as JPEG: no larger than :data:`SHOWN_PIXELS`, without anything that is not seen, with a line
    of words at its foot.

    Parameters
    ----------
    words, plain
        The line, and what of it can be written without Chinese characters.
    """
    shown = image.copy()
    shown.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    height = max(12, max(shown.size) // _BAND)
    font, chinese = _font(height * 2 // 3)
    band = Image.new("RGBA", (shown.width, height), (0, 0, 0, 150))
    ImageDraw.Draw(band).text((height // 3, height // 8), words if chinese else plain, font=font, fill="white")
    shown.paste(band, (0, shown.height - height), band)
    into = BytesIO()
    shown.save(into, "JPEG", quality=_QUALITY)
    return into.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    """In red, green and blue; what is transparent on white."""
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _taken_at(exif: Any, zone: ZoneInfo) -> dt.datetime | None:
    said = exif.get_ifd(ExifTags.IFD.Exif)
    written = str(said.get(ExifTags.Base.DateTimeOriginal, "")) + str(said.get(ExifTags.Base.OffsetTimeOriginal, ""))
    for form in ("%Y:%m:%d %H:%M:%S%z", "%Y:%m:%d %H:%M:%S"):
        try:
            taken = dt.datetime.strptime(written.strip("\0 "), form)  # noqa: DTZ007 - a zone is given below
            return (taken if taken.tzinfo else taken.replace(tzinfo=zone)).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _position(exif: Any) -> tuple[float | None, float | None]:
    """Longitude and latitude, if both are said and are ones."""
    said = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(said[ExifTags.GPS.GPSLatitude], said.get(ExifTags.GPS.GPSLatitudeRef) == "S")
        lon = _degrees(said[ExifTags.GPS.GPSLongitude], said.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else (None, None)


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return round((degrees + minutes / 60 + seconds / 3600) * (-1 if negative else 1), 7)


@lru_cache(32)
def _font(size: int) -> tuple[Any, bool]:
    """A font, and whether it has Chinese characters: the system's, if it has one."""
    file = _chinese_font()
    return (ImageFont.truetype(file, size), True) if file else (ImageFont.load_default(size), False)


@lru_cache(1)
def _chinese_font() -> str:
    """The file of a font with Chinese characters, as fontconfig names it; empty without one."""
    if (program := shutil.which("fc-list")) is None:
        return ""
    listed = subprocess.run([program, "-f", "%{file}\n", ":lang=zh"], capture_output=True, text=True, check=False)
    # Sans before serif, regular before bold: names say it.
    files = sorted(listed.stdout.split("\n"), key=lambda name: ("Sans" not in name, "Regular" not in name, name))
    return next((name for name in files if name), "")
