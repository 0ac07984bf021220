"""Pictures as cameras make them: looked at before they are read, and copies that tell nothing but what one sees."""

import datetime as dt
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageDraw, ImageFont, UnidentifiedImageError

from gis_core.errors import InvalidInput

MOST_BYTES, MOST_PIXELS = 12_000_000, 50_000_000
SHOWN_PIXELS = 1_600
"""Of the longer side of a copy."""
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_SEVERAL = "MPO"
"""A JPEG with further ones behind it, as telephones write previews and depth: the first is the picture."""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""What puts a picture upright, by what its camera says of how it was held."""
_ONE_AT_A_TIME = Lock()
"""Unpacked, the largest picture takes hundreds of megabytes: two at once would be a way to end the server."""
_CLOCK = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal)
_DEEP = ("I", "I;16", "I;16B", "I;16L")
"""Greys of sixteen bits, which a conversion would cut off instead of scaling them."""
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
    """What a picture says of itself; and the picture upright, no larger than :data:`SHOWN_PIXELS`, once it has been
    read to its last pixel.

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
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(content, zone)
    except InvalidInput:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise InvalidInput("photo_kind", field="body", value="", expected="JPEG, PNG, WebP") from None
    except Exception as fault:
        raise InvalidInput("photo_damaged", field="body", value=type(fault).__name__) from None


def _read(content: bytes, zone: ZoneInfo) -> tuple[Picture, Image.Image]:
    image: Any = Image.open(BytesIO(content), formats=tuple(MEDIA_TYPES))
    width, height, several = image.width, image.height, image.format == _SEVERAL
    # Only the head has been read; a bomb goes off when the rest is.
    if width * height > MOST_PIXELS:
        raise InvalidInput("photo_pixels", field="body", value=f"{width} × {height}", expected=f"{MOST_PIXELS:,}")
    if getattr(image, "n_frames", 1) > 1 and not several:
        raise InvalidInput("photo_moves", field="body", value=image.format)
    media_type = MEDIA_TYPES["JPEG" if several else image.format]
    turned, *said = _remarks(image, zone)
    # A JPEG is unpacked no larger than is just enough for it.
    image.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    flat = _flat(image)
    return Picture(media_type, width, height, *said), flat if turned is None else flat.transpose(turned)


def _remarks(image: Any, zone: ZoneInfo) -> tuple[Any, ...]:
    """What puts it upright, when and where it was taken, as the camera says; a picture is not worse for nonsense."""
    turned = None
    try:
        exif = image.getexif()
        turned = _UPRIGHT.get(exif.get(ExifTags.Base.Orientation))
        return turned, _taken_at(exif, zone), *_position(exif)
    except Exception:
        return turned, None, None, None


def copy_of(image: Image.Image, words: str, plain: str) -> bytes:
    """A copy to be shown, as JPEG: without anything that is not seen, with a line of words at its foot.

    Parameters
    ----------
    words, plain
        The line, and what of it can be written without Chinese characters.
    """
    shown = image.copy()
    # What a camera remarked would be written again.
    shown.info.clear()
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
    if image.mode in _DEEP:
        return image.convert("I").point(lambda grey: grey / 256).convert("L").convert("RGB")
    return image.convert("RGB")


def _taken_at(exif: Any, zone: ZoneInfo) -> dt.datetime | None:
    said = exif.get_ifd(ExifTags.IFD.Exif)
    clock, offset = (str(said.get(tag, "")).strip("\0 ") for tag in _CLOCK)
    # A camera that does not know its offset writes blanks for its digits.
    for written, form in ((clock + offset, "%Y:%m:%d %H:%M:%S%z"), (clock, "%Y:%m:%d %H:%M:%S")):
        try:
            taken = dt.datetime.strptime(written, form)  # noqa: DTZ007 - a zone is given below
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
