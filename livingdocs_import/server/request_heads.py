"""Find the end of a request head in the bytes received so far."""

HEAD_END = b"\r\n\r\n"


def find_end(received: bytearray, searched: int, *, line_limit: int, head_limit: int) -> int:
    """How many bytes to give to the parser: the head, or enough to refuse it; 0 while the head is incomplete.

    The first `searched` bytes are not searched again: the cost is linear, however small the pieces.
    """
    end = received.find(HEAD_END, max(0, searched - len(HEAD_END) + 1))
    if 0 <= end <= head_limit:
        return end + len(HEAD_END)
    line_feeds = received.count(b"\n", searched)
    if end < 0 and line_feeds != received.count(b"\r\n", max(0, searched - 1)):
        return len(received)  # a line feed alone: such a head never ends
    if len(received) > head_limit:
        return len(received)
    if len(received) > line_limit + 4 and received.find(b"\r\n", 2, line_limit + 4) < 0:
        return len(received)
    return 0
