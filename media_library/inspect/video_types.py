"""Detect the container of a video by its first bytes.

A container with sound only is reported as such, if the first bytes show it.
"""

HEAD = 8_192  # bytes needed

_PACKET, _PACKETS = 188, 5  # of an MPEG transport stream: each begins with the same byte
_BLU_RAY_PACKET, _BLU_RAY_STAMP = 192, 4  # the same with four bytes before each
_SYNC = 0x47
# ISO base media: the first box. Without `ftyp` it is a QuickTime film from before there were brands.
_ISO_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"pnot")
_NO_TEXT = 9  # the first byte of a box's size is less: such a word in a text has a letter four places before it
_BRANDS = {
    b"qt  ": ("video/quicktime", "mov"),
    b"M4V ": ("video/x-m4v", "m4v"),
    b"M4VH": ("video/x-m4v", "m4v"),
    b"M4VP": ("video/x-m4v", "m4v"),
    b"M4A ": ("audio/mp4", "m4a"),
    b"M4B ": ("audio/mp4", "m4a"),
    b"M4P ": ("audio/mp4", "m4a"),
}
_PICTURES = (b"avi", b"hei", b"hev", b"mif", b"miaf", b"msf1", b"crx ", b"jp2", b"jpx", b"jpm")  # prefixes of brands
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_OGG_VIDEO = (b"\x80theora", b"BBCD\0", b"\1video\0\0\0")


def video_type(head: bytes) -> tuple[str, str] | None:
    """MIME type and extension of the container; None if it is not a video container."""
    if head[4:8] in _ISO_BOXES and head[0] < _NO_TEXT:
        return _iso_type(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return ("video/webm", "webm") if b"webm" in head[:64] else ("video/x-matroska", "mkv")
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "video/x-msvideo", "avi"
    if head.startswith(b"OggS"):
        return ("video/ogg", "ogv") if any(codec in head for codec in _OGG_VIDEO) else ("audio/ogg", "ogg")
    if head.startswith(b"FLV\1"):
        return "video/x-flv", "flv"
    if head.startswith((b"\0\0\1\xba", b"\0\0\1\xb3")):
        return "video/mpeg", "mpg"
    if head.startswith(_ASF):
        return ("video/x-ms-wmv", "wmv") if _ASF_VIDEO in head else ("audio/x-ms-wma", "wma")
    if _is_transport_stream(head):
        return "video/mp2t", "ts"
    return None


def _iso_type(head: bytes) -> tuple[str, str] | None:
    if head[4:8] != b"ftyp":
        return "video/quicktime", "mov"
    brand = head[8:12]
    if brand.startswith(_PICTURES):
        return None
    if brand.startswith((b"3gp", b"3ge", b"3gg", b"3gs", b"3gr")):
        return "video/3gpp", "3gp"
    if brand.startswith(b"3g2"):
        return "video/3gpp2", "3g2"
    return _BRANDS.get(brand, ("video/mp4", "mp4"))


def _is_transport_stream(head: bytes) -> bool:
    for first, length in ((0, _PACKET), (_BLU_RAY_STAMP, _BLU_RAY_PACKET)):
        places = range(first, min(len(head), first + _PACKETS * length), length)
        if len(places) >= 3 and all(head[place] == _SYNC for place in places):
            return True
    return False
