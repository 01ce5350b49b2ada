"""The budgets for the bytes of media files: the maximum that is read of each part.

`docs/specification/budgets.md` lists under "Bytes of media" the error for each limit and its cost. There are two kinds:
a picture over its budget fails by itself (`OverBudget` and `OverLimits` in `media_library/inspect/results.py`);
metadata over their budget are ignored, like damaged ones.
"""

# --- PNG, JPEG, GIF --------------------------------------------------------------------------------------------------

PNG_CHUNKS = 100_000
JPEG_SEGMENTS = 5_000
GIF_BLOCKS = 2_000_000  # data blocks of up to 255 bytes each

# --- SVG -------------------------------------------------------------------------------------------------------------

SVG_DEPTH = 1_000
SVG_ELEMENTS = 500_000
SVG_TAGS = 2 * SVG_ELEMENTS  # the character `<`, counted before parsing
SVG_NAMES = 10_000  # different names of elements and attributes
SVG_ATTRIBUTES = 2_000_000  # the character `=`, counted before parsing
SVG_ATTRIBUTES_OF_ONE = 100_000  # the same, in one tag
SVG_DOCTYPE_BYTES = 1 << 16
SVG_DECLARED_ATTRIBUTES = 200  # in the document type: each is checked for each element of its kind
SVG_DECLARED_VALUES = 4  # of these, with a default value for elements
SVG_DECLARED_CHARACTERS = 128  # of such a value
SVG_SIDE_BY_SIDE_BYTES = 1 << 20  # a process reads larger files one at a time

# --- XML, in SVG and in XMP ------------------------------------------------------------------------------------------

# From `xmlns` to the closing quote. A parser joins address and name for each element and attribute, so a long address
# costs its length times their number.
XML_NAMESPACE_BYTES = 256

# --- Metadata blocks: beyond these the block is ignored --------------------------------------------------------------

TEXT_CHARACTERS = 50_000  # of one value; longer ones are payloads, not captions

EXIF_ENTRIES = 1_000  # of one directory
EXIF_BYTES = 1 << 20  # the block in a PNG; a segment of a JPEG holds 64 KB
EXIF_OVERLAP = 4  # all values together, in lengths of the block: some programs let two tags share a value
EXIF_PARTS = 100  # parts of one text, separated by NUL

IIM_DATASETS = 2_000
IIM_BYTES = 1 << 20  # Photoshop's resources, all segments together

XMP_BYTES = 1 << 21
XMP_TAGS = 100_000  # the character `<`
XMP_ATTRIBUTES = 100_000  # the character `=`
XMP_DEPTH = 12  # structures within structures

PNG_TEXT_BYTES = 1 << 21  # one text chunk, packed and unpacked
PNG_UNPACKED_BYTES = 1 << 22  # all text chunks of a file, unpacked
PNG_UNPACKED_CHUNKS = 16  # of a file
PNG_UNPACKED_RATIO = 200  # unpacked bytes per packed byte; captions and their padding reach some 30 …
PNG_UNPACKED_ALWAYS = 1 << 16  # … except for small ones

# --- Videos: beyond these the size and the duration stay unknown -----------------------------------------------------

VIDEO_PARTS = 100_000  # boxes or elements read in one file: two hours in fragments of a second have 80,000
VIDEO_BYTES = 1 << 22  # read of one file, besides the headers of its boxes
VIDEO_TRACKS = 100
VIDEO_SIDE = 16_384  # pixels; no browser shows more
VIDEO_SECONDS = 31 * 24 * 3600.0  # a month

# --- Other files: beyond these the type is the generic one ------------------------------------------------------------

ZIP_DIRECTORY_BYTES = 1 << 20  # of the directory of an archive
ZIP_ENTRIES = 2_000  # of that directory
MARKUP_BYTES = 1 << 14  # within which the root of a document has to begin
