"""From a photograph to a column of X: the same steps for training images and for new photographs.

    file → upright (EXIF) → on white (transparency) → colour or grey → size → / 255 → one column

Nothing is cropped: a photograph with other proportions is squeezed to the network's, as in the course notes.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.files import open_file, without_library_messages
from layerlab.errors import InputError
from layerlab.formulas import flatten_images
from layerlab.formulas.arrays import Floats

if TYPE_CHECKING:
    from PIL import Image

PILLOW_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
"""The formats that are read; Pillow reads MPO, which some telephones write into a .jpg, as JPEG."""

FORMAT_WORDS = "JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF"
"""The formats in words."""

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
"""The brands, in the first box of a file, of images that are compressed by HEVC (ISO/IEC 23008-12)."""

GREY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L")
"""Pillow's modes without colour; of a palette, the colours decide."""


IMAGE_WIDTH, IMAGE_LENGTH = 256, 257
"""The numbers of the TIFF tags for an image's width and height."""

SILENT = logging.NullHandler()

LARGE_IMAGE = 10_000_000
"""Images with at least this many pixels are read one after the other."""

_large_images = Lock()


class Header(NamedTuple):
    """What the first bytes of an image show.

    Attributes:
        height, width: size of the upright picture, in pixels.
        grey: whether no pixel can have a colour.
        format: "JPEG", "PNG", …
    """

    height: int
    width: int
    grey: bool
    format: str


def pixels_to_columns(images: NDArray[np.uint8]) -> Floats:
    """Turn images into columns of numbers from 0 to 1.

    Args:
        images: (m, height, width, channels) or (m, height, width) bytes.

    Returns:
        (height·width·channels, m) float64, pixels / 255; each column is one image.
    """
    columns: Floats = flatten_images(images) / 255.0
    return columns


def load_photos(paths: Sequence[str | Path], image_shape: tuple[int, ...]) -> Floats:
    """Load photographs as columns for a network that was trained on images of ``image_shape``.

    Args:
        paths: JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF files of any size, in colour, grey or with transparency.
        image_shape: (height, width, 3) for colour or (height, width) for grey.

    Returns:
        (n_x, len(paths)) float64 from 0 to 1.

    Raises:
        InputError: a file is missing, not an image, cut off, or too large; or ``paths`` is empty, or a single path.
    """
    if isinstance(paths, str | Path) or len(paths) == 0:
        raise InputError(f"photographs {paths!r}: wanted a list of one or more files")
    return pixels_to_columns(np.stack([read_photo(path, image_shape) for path in paths]))


def read_photo(path: str | Path, image_shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Read one photograph: upright, in the network's size, in colour or grey like its images.

    Args:
        path: a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF file; of an animation the first picture.
        image_shape: (height, width, 3) for colour or (height, width) for grey.

    Returns:
        Bytes of the shape ``image_shape``.

    Raises:
        InputError: the file is missing, not an image, cut off, or has more pixels than Pillow's safe limit.
    """
    if len(image_shape) not in (2, 3) or image_shape[2:] not in ((), (3,)) or min(image_shape) < 1:
        raise InputError(f"image_shape={image_shape}: wanted (height, width) or (height, width, 3)")
    with pillow_is_quiet():
        return pixels_of(path, image_shape)


@contextmanager
def pillow_is_quiet() -> Iterator[None]:
    """Make Pillow's warnings errors, or silence them.

    It is entered once for many threads, since filters of warnings belong to the whole process.
    """
    from PIL import Image

    logging.getLogger("PIL").addHandler(SILENT)  # adding it twice has no effect; its log would go to standard error
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        yield


def pixels_of(path: str | Path, image_shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Do the work of ``read_photo``, for callers inside ``pillow_is_quiet``."""
    from PIL import Image

    height, width = image_shape[:2]
    with _opened(path) as image, _one_at_a_time(image):
        with (
            without_library_messages() if image.format == "TIFF" else nullcontext()
        ):  # libtiff prints messages of its own
            image.load()
        flat = _on_white(_upright(image)).convert("RGB" if len(image_shape) == 3 else "L")
        return np.asarray(flat.resize((width, height), Image.Resampling.BICUBIC))


@contextmanager
def _one_at_a_time(image: Image.Image) -> Iterator[None]:
    """Let no two threads read large images at once, since each takes some hundred megabytes for a moment."""
    if image.width * image.height < LARGE_IMAGE:
        yield
        return
    with _large_images:
        yield


def image_header(path: str | Path) -> Header:
    """Read the header of an image, without its pixels, for callers inside ``pillow_is_quiet``.

    Raises:
        InputError: as ``read_photo``, except for damaged pixels.
    """
    with _opened(path) as image:
        width, height = _stored_size(image)
        if _orientation(image) in (5, 6, 7, 8):  # stored on its side
            width, height = height, width
        return Header(height, width, _is_grey(image), "JPEG" if image.format == "MPO" else str(image.format))


def _stored_size(image: Image.Image) -> tuple[int, int]:
    """Return the width and height of the picture as it is stored in the file, before it is turned upright.

    That is Pillow's ``size``, except for a TIFF file: newer versions of Pillow turn it and give the new size.
    """
    tags = getattr(image, "tag_v2", None)
    return image.size if tags is None else (tags[IMAGE_WIDTH], tags[IMAGE_LENGTH])


def _is_grey(image: Image.Image) -> bool:
    """Return whether no pixel of an image can have a colour."""
    if image.mode == "P" and image.palette is not None:
        colours = np.frombuffer(bytes(image.palette.palette), np.uint8)
        channels = len(image.palette.mode)
        colours = colours[: len(colours) // channels * channels].reshape(-1, channels)[:, :3]
        return bool((colours == colours[:, :1]).all())
    return image.mode in GREY_MODES


@contextmanager
def _opened(path: str | Path) -> Iterator[Image.Image]:
    """Open the image in a file; every error here or in the with block becomes an ``InputError``."""
    from PIL import Image, UnidentifiedImageError

    try:
        with open_file(path, empty=True) as file:
            _refuse_heic(path, file)
            with Image.open(file, formats=PILLOW_FORMATS) as image:
                yield image
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"{path}: this is not a {FORMAT_WORDS} image, or its first bytes are damaged") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InputError(
            f"{path}: the image claims more than {Image.MAX_IMAGE_PIXELS:,} pixels, which is refused as a "
            f"decompression bomb; make it smaller"
        ) from error
    except Exception as error:  # nobody lists what Pillow raises for damaged files
        reason = str(error) or type(error).__name__
        raise InputError(f"{path}: cannot be read as a {FORMAT_WORDS} image ({reason})") from error


def _refuse_heic(path: str | Path, file: IO[bytes]) -> None:
    """Raise an ``InputError`` for HEIC, the format of many telephones, which Pillow does not read."""
    size, box, brands = int.from_bytes(file.read(4)), file.read(4), file.read(64)
    names = [brands[i : i + 4] for i in range(0, min(size - 8, 64), 4) if i != 4]  # at 4 is a version
    if box == b"ftyp" and any(name in HEIC_BRANDS for name in names):
        raise InputError(
            f"{path}: is a HEIC photograph, as many telephones take them; wanted {FORMAT_WORDS}: convert it to JPEG "
            f"with the telephone's or computer's own photo program, or with `magick photo.heic photo.jpg`"
        )


def _upright(image: Image.Image) -> Image.Image:
    """Turn the image upright by its EXIF data; damaged EXIF turns nothing (``ImageOps.exif_transpose`` would raise)."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Return the number of the EXIF tag, 1 to 8; 1 if there is none."""
    from PIL import ExifTags

    try:
        number = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # a SyntaxError, a struct.error: the pixels can still be read
        return 1
    return number if isinstance(number, int) else 1


def _on_white(image: Image.Image) -> Image.Image:
    """Put transparent areas on white, and turn 16-bit grey into 8-bit; ``convert`` does neither correctly."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        grey = np.asarray(image)
        transparent = grey == image.info.get("transparency", -1)
        return Image.fromarray(np.where(transparent, 255, grey >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError("it has 32 bits per pixel, and nothing shows which value is white; save it with 8 or 16 bits")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image
