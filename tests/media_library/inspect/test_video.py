"""The container, size and duration of a video, by its bytes alone."""

import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_library.inspect.any_file import EXTENSIONS
from media_library.inspect.limits import VIDEO_PARTS, VIDEO_SECONDS, VIDEO_SIDE
from media_library.inspect.results import NotAVideo
from media_library.inspect.video import NO_DURATION, NO_SIZE, VideoFacts, probe_video
from tests import images, videos


def facts(data: bytes) -> VideoFacts:
    return probe_video(BytesIO(data), len(data))


def measured(data: bytes) -> tuple[int | None, int | None, float | None]:
    found = facts(data)
    return found.width, found.height, found.duration


def refusal(data: bytes) -> str:
    with pytest.raises(NotAVideo) as raised:
        facts(data)
    return raised.value.detail


# --- ISO base media --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moov_last", [False, True])
def test_an_mp4_wherever_its_head_lies(moov_last: bool) -> None:
    """VID-07"""
    assert facts(videos.mp4(moov_last=moov_last)) == VideoFacts("video/mp4", "mp4", 640, 360, 2.5)


@pytest.mark.parametrize(
    ("brand", "mime_type", "extension"),
    [
        (b"qt  ", "video/quicktime", "mov"),
        (b"M4V ", "video/x-m4v", "m4v"),
        (b"mp42", "video/mp4", "mp4"),
        (b"dash", "video/mp4", "mp4"),
        (b"3gp5", "video/3gpp", "3gp"),
        (b"3g2a", "video/3gpp2", "3g2"),
    ],
)
def test_the_brand_names_the_type(brand: bytes, mime_type: str, extension: str) -> None:
    found = facts(videos.mp4(brand=brand))
    assert (found.mime_type, found.extension, found.duration) == (mime_type, extension, 2.5)


def test_a_film_from_before_there_were_brands() -> None:
    old = videos.box(b"mdat", b"pictures") + videos.moov()
    assert facts(old) == VideoFacts("video/quicktime", "mov", 640, 360, 2.5)


def test_a_picture_that_was_turned_is_as_large_as_it_is_shown() -> None:
    assert measured(videos.mp4(videos.trak(1920, 1080, matrix=videos.TURNED))) == (1080, 1920, 2.5)


def test_the_size_of_the_samples_counts_where_the_track_has_none() -> None:
    assert measured(videos.mp4(videos.trak(0, 0, coded=(320, 240)))) == (320, 240, 2.5)


def test_the_film_counts_and_not_the_sound_or_the_subtitles() -> None:
    others = videos.trak(0, 0, handler=b"soun"), videos.trak(900, 60, handler=b"sbtl")
    assert measured(videos.mp4(*others, videos.trak(64, 48))) == (64, 48, 2.5)


def test_times_of_64_bits_and_boxes_of_64_bits() -> None:
    data = videos.ftyp() + videos.large_box(b"mdat", b"pictures")
    data += videos.box(b"moov", videos.long_mvhd(90_000 * 3723, 90_000), videos.trak())
    assert measured(data) == (640, 360, 3723.0)


def test_the_longest_track_counts_where_the_head_says_no_duration() -> None:
    tracks = videos.trak(units=1500), videos.trak(handler=b"soun", units=96_000, scale=48_000)
    assert measured(videos.mp4(*tracks, seconds=0)) == (640, 360, 2.0)


def test_a_last_box_may_reach_to_the_end_of_the_file() -> None:
    data = videos.ftyp() + videos.moov() + struct.pack(">I4s", 0, b"mdat") + b"pictures"
    assert measured(data) == (640, 360, 2.5)


def test_fragments_whose_duration_is_reported() -> None:
    head = videos.moov(seconds=0, more=videos.mvex(announced=7250))
    assert measured(videos.ftyp(b"iso5") + head + videos.moof(0, [1, 1])) == (640, 360, 7.25)


def test_fragments_with_an_index() -> None:
    """A recording may begin anywhere; indexes may contain each other."""
    head = videos.moov(seconds=0, more=videos.mvex())
    index = videos.sidx(2000, 2000, 1500, first=90_000) + videos.sidx(2000, first=90_000)
    assert measured(videos.ftyp() + head + index + videos.moof(90_000)) == (640, 360, 5.5)


@pytest.mark.parametrize(
    "fragments",
    [
        pytest.param([videos.moof(9000, [40, 40, 20]), videos.moof(9100, [50, 50])], id="durations of their own"),
        pytest.param([videos.moof(0, count=4, default=25), videos.moof(100, count=4, default=25)], id="one for all"),
        pytest.param([videos.moof(0, count=20), videos.moof(100, count=10)], id="the head's"),
    ],
)
def test_fragments_that_have_to_be_looked_at(fragments: list[bytes]) -> None:
    head = videos.moov(videos.trak(scale=100), seconds=0, more=videos.mvex(default=10))
    expected = 2.0
    assert measured(videos.ftyp() + head + b"".join(fragments)) == (640, 360, expected)


def test_the_head_of_a_fragmented_film_may_cover_the_first_fragment_only() -> None:
    head = videos.moov(videos.trak(scale=1000), seconds=1, more=videos.mvex())
    data = videos.ftyp() + head + videos.moof(1000, [1000]) + videos.moof(2000, [1000])
    assert measured(data) == (640, 360, 2.0)


# --- Matroska --------------------------------------------------------------------------------------------------------


def test_a_matroska_film() -> None:
    """VID-07"""
    assert facts(videos.mkv()) == VideoFacts("video/x-matroska", "mkv", 640, 360, 2.5)


def test_a_webm_film() -> None:
    """VID-07"""
    assert facts(videos.webm()) == VideoFacts("video/webm", "webm", 640, 360, 2.5)


def test_durations_are_in_the_units_that_the_file_names() -> None:
    assert measured(videos.mkv(duration=2.5, scale=1_000_000_000))[2] == 2.5


def test_tracks_behind_the_pictures_are_found() -> None:
    assert measured(videos.webm(tracks_last=True)) == (640, 360, 2.5)


def test_the_size_as_shown_counts_where_it_is_in_pixels() -> None:
    assert measured(videos.webm(size=(720, 576), display=(1024, 576)))[:2] == (1024, 576)
    assert measured(videos.webm(size=(720, 576), display=(16, 9), unit=3))[:2] == (720, 576)


def test_a_recording_that_was_never_finished_has_no_duration() -> None:
    found = facts(videos.webm(live=True, duration=None))
    assert (found.width, found.height, found.duration, found.warnings) == (640, 360, None, (NO_DURATION,))


# --- Containers that are known by their first bytes only -------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "mime_type", "extension"),
    [
        (videos.TRANSPORT_STREAM, "video/mp2t", "ts"),
        (videos.BLU_RAY_STREAM, "video/mp2t", "ts"),
        (videos.PROGRAM_STREAM, "video/mpeg", "mpg"),
        (videos.AVI, "video/x-msvideo", "avi"),
        (videos.OGG_VIDEO, "video/ogg", "ogv"),
        (videos.FLV, "video/x-flv", "flv"),
        (videos.WMV, "video/x-ms-wmv", "wmv"),
    ],
)
def test_other_containers_are_taken_without_size_and_duration(data: bytes, mime_type: str, extension: str) -> None:
    """VID-07"""
    assert facts(data) == VideoFacts(mime_type, extension, warnings=(NO_SIZE, NO_DURATION))


def test_the_clean_up_knows_every_extension_that_is_stored() -> None:
    containers = (videos.TRANSPORT_STREAM, videos.PROGRAM_STREAM, videos.AVI, videos.OGG_VIDEO, videos.FLV, videos.WMV)
    brands = [videos.mp4(brand=brand) for brand in (b"isom", b"qt  ", b"M4V ", b"3gp5", b"3g2a")]
    stored = {facts(data).extension for data in (*containers, *brands, videos.mkv(), videos.webm())}
    assert stored <= set(EXTENSIONS.values())


# --- What is no video ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"<!doctype html><title>Sorry</title>", "text/html"),
        (b"Not found", "text/plain"),
        (b"The wide road, moov and mdat", "text/plain"),
        (b"%PDF-1.7\n", "application/pdf"),
        (images.png(), "image/png"),
        (images.jpeg(), "image/jpeg"),
        (images.gif(), "image/gif"),
        (images.svg(), "image/svg+xml"),
        (videos.ftyp(b"heic"), "image/heic"),
        (videos.ftyp(b"avif"), "image/avif"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (videos.OGG_SOUND, "audio/ogg"),
        (videos.ftyp(b"M4A "), "audio/mp4"),
        (videos.mp4(videos.trak(0, 0, handler=b"soun")), "audio/mp4"),
        (videos.webm(kinds=[2]), "audio/webm"),
        (videos.mkv(kinds=[2]), "audio/x-matroska"),
    ],
)
def test_what_is_no_video_is_named(data: bytes, named: str) -> None:
    """VID-02, VID-09"""
    assert refusal(data) == f"not a video: {named}"


def test_a_file_without_bytes_is_no_video() -> None:
    assert refusal(b"") == "the file is empty"


# --- Headers that say nothing, or lies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(videos.ftyp(), id="nothing but a brand"),
        pytest.param(videos.mp4(moov_last=True)[:150], id="cut short before its head"),
        pytest.param(videos.ftyp() + struct.pack(">I4s", 7, b"moov"), id="a box smaller than its own head"),
        pytest.param(videos.ftyp() + struct.pack(">I4sI", 1, b"moov", 0), id="half of a size"),
        pytest.param(videos.ftyp() + struct.pack(">I4sQ", 1, b"moov", 15), id="a large box smaller than its head"),
        pytest.param(videos.ftyp() + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + videos.moov(), id="endless"),
        pytest.param(videos.ftyp() + videos.box(b"moov"), id="an empty head"),
        pytest.param(videos.ftyp() + videos.box(b"moov", videos.mvhd(5, scale=0)), id="no units"),
        pytest.param(videos.ftyp() + videos.box(b"moov", videos.mvhd(0xFFFFFFFF)), id="unknown on purpose"),
        pytest.param(videos.webm()[:40], id="half of a WebM head"),
        pytest.param(b"\x1a\x45\xdf\xa3" + b"\0" * 100, id="elements without ids"),
        pytest.param(b"\x1a\x45\xdf\xa3" + b"\xff" * 100, id="elements without lengths"),
    ],
)
def test_headers_that_say_nothing_leave_the_video_without_size_and_duration(data: bytes) -> None:
    """VID-07"""
    found = facts(data)
    assert (found.width, found.height, found.duration) == (None, None, None)
    assert found.warnings == (NO_SIZE, NO_DURATION)


@pytest.mark.parametrize("seconds", [0, 40 * 24 * 3600])
def test_durations_of_nothing_and_of_years_are_left_out(seconds: int) -> None:
    """VID-07"""
    found = facts(videos.mp4(seconds=seconds))
    assert (found.width, found.duration) == (640, None)
    claim = "the file claims to last 3.456e+06 seconds, which is not believed"
    assert found.warnings == (claim if seconds else NO_DURATION,)


@pytest.mark.parametrize("duration", [float("nan"), float("inf"), -1.0, 0.0, 1e308, 0.0001])
def test_durations_that_are_no_time_are_left_out(duration: float) -> None:
    (warning,) = facts(videos.webm(duration=duration)).warnings
    assert len(warning) < 100


def test_sizes_beyond_all_screens_are_left_out() -> None:
    found = facts(videos.mp4(videos.trak(65_000, 360)))
    assert (found.width, found.height, found.duration) == (None, None, 2.5)
    assert found.warnings == ("the file claims to be 65000 x 360 pixels, which is not believed",)


@pytest.mark.parametrize("make", [videos.mp4, videos.mkv], ids=["mp4", "mkv"])
def test_wherever_it_is_cut_it_stays_a_video(make: object) -> None:
    data = make()  # type: ignore[operator]
    for length in range(16, len(data)):
        assert facts(data[:length]).mime_type in ("video/mp4", "video/x-matroska")


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([videos.mp4(), videos.mp4(moov_last=True), videos.mkv(), videos.webm(live=True)]),
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 9), st.binary(max_size=9)), max_size=4),
)
def test_damage_never_does_more_than_hide_what_the_headers_say(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    for place, removed, new in changes:
        at = place % len(data)
        data = data[:at] + new + data[at + removed :]
    try:
        found = facts(data)
    except NotAVideo:
        return
    assert found.width is None or 0 < found.width <= VIDEO_SIDE
    assert found.duration is None or 0 < found.duration <= VIDEO_SECONDS


def test_there_is_an_end_to_looking() -> None:
    """What would come behind so many boxes is not known."""
    filler = videos.box(b"free") * VIDEO_PARTS
    assert measured(videos.ftyp() + filler + videos.moov()) == (None, None, None)


def test_a_head_behind_many_boxes_is_found() -> None:
    assert measured(videos.ftyp() + videos.box(b"free") * 1_000 + videos.moov()) == (640, 360, 2.5)
