"""Places for webhooks: many for who answers, one for who hangs, and few for all that hang together."""

from livingdocs_import.receivers import Receivers


def taken(receivers: Receivers, *asked: str, under_way: str = "", slow_too: bool = True) -> str:
    """Of receivers that are named by a letter each, in order: those that got a place."""
    places = receivers.places(under_way, slow_too=slow_too)
    return "".join(receiver for receiver in "".join(asked) if places.take(receiver))


def known(**seconds: float) -> Receivers:
    receivers = Receivers(each=3, slow_together=2)
    for receiver, took in seconds.items():
        receivers.took(receiver, took)
    return receivers


def test_a_stranger_gets_one_place() -> None:
    assert taken(known(), "aaabbb") == "ab"
    assert taken(known(), "aaabbb", under_way="a") == "b"


def test_who_answers_gets_several() -> None:
    assert taken(known(a=0.1), "aaaaab") == "aaab"
    assert taken(known(a=0.1), "aaaaab", under_way="aa") == "ab"


def test_all_who_hang_share_a_few() -> None:
    assert taken(known(a=10, b=10, c=10, d=0.1), "aabbccddd") == "abddd"
    assert taken(known(a=10, b=10, c=10), "abc", under_way="c") == "a"
    assert taken(known(a=10, b=10, c=10), "abcx", slow_too=False) == "x"


def test_the_last_answer_counts() -> None:
    receivers = known(a=10)
    assert receivers.is_slow("a")
    receivers.took("a", 0.1)
    assert taken(receivers, "aaaa") == "aaa"
    receivers.took("a", 2.1)
    assert taken(receivers, "aaaa") == "a"
