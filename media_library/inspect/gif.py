"""GIF: walk over the blocks and count the frames, without unpacking them."""

import struct
from typing import BinaryIO

from media_library.inspect.limits import GIF_BLOCKS
from media_library.inspect.results import AssetFacts, AssetLimits, Damaged, OverLimits, cut_short

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
LZW_CODE_SIZES = range(1, 9)  # the standard begins at 2; some encoders write 1 for two colours

PIECE = 1 << 18


def read(file: BinaryIO, limits: AssetLimits) -> AssetFacts:
    """Facts about a GIF; raises NotAnImage. Frames may extend beyond the canvas, but count towards the pixel limit."""
    file.seek(0)
    blocks = _Blocks(file)
    width, height, flags = struct.unpack("<6xHHBxx", blocks.take(13))
    limits.check_pixels(width, height)
    blocks.skip_colours(flags)
    frames = 0
    while (kind := blocks.take(1)[0]) != TRAILER:
        if kind == EXTENSION:
            blocks.take(1)
            blocks.skip_data()
        elif kind == IMAGE:
            left, top, across, down, flags = struct.unpack("<HHHHB", blocks.take(9))
            limits.check_pixels(max(width, left + across), max(height, top + down))
            blocks.skip_colours(flags)
            if blocks.take(1)[0] not in LZW_CODE_SIZES:
                raise Damaged("damaged: impossible LZW code size")
            if not blocks.skip_data():
                raise Damaged("damaged: a frame without image data")
            frames += 1
            limits.check_frames(frames)
        else:
            raise Damaged("damaged: an unknown kind of block")
    if not frames:
        raise Damaged("damaged: no image data")
    return AssetFacts("image/gif", "gif", width, height, frames=frames)


class _Blocks:
    """A window that moves over the file; reading beyond the end raises for a truncated file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.window = b""
        self.position = 0
        self.budget = GIF_BLOCKS

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.window):
            self._move()
            end = size
            if end > len(self.window):
                raise cut_short("before its trailer")
        data = self.window[self.position : end]
        self.position = end
        return data

    def skip_colours(self, flags: int) -> None:
        """Skip the colour table that the flags announce."""
        if flags & 0x80:
            self.take(3 << ((flags & 7) + 1))

    def skip_data(self) -> bool:
        """Skip data blocks up to the terminating empty one; returns whether there were any."""
        any_data = False
        window, position = self.window, self.position
        budget = self.budget
        while budget:
            budget -= 1
            if position >= len(window):
                self.position = position
                self._move()
                window, position = self.window, 0
                if not window:
                    raise cut_short("inside the image data")
            size = window[position]
            position += size + 1
            if not size:
                self.position, self.budget = position, budget
                return any_data
            any_data = True
        raise OverLimits(f"more than {GIF_BLOCKS} GIF data blocks")

    def _move(self) -> None:
        """Move the window to the present position, which may be beyond its end."""
        if self.position > len(self.window):
            self.file.seek(self.position - len(self.window), 1)
            rest = b""
        else:
            rest = self.window[self.position :]
        self.window = rest + self.file.read(PIECE)
        self.position = 0
