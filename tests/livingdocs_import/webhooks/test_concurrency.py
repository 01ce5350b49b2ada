"""Slots for webhooks: several for receivers that answer, a bounded part for unknown and hanging ones."""

from ipaddress import ip_address

import pytest

from livingdocs_import.webhooks.concurrency import AddressBusy, AddressLimit, ReceiverLimits, SlotKey, receiver_name

OURS, THEIRS = 1, 2  # projects


def taken(receivers: ReceiverLimits, asked: str, *, under_way: str = "", quick_only: bool = False) -> str:
    """Of receivers that are named by a letter each, in order: those that got a slot. Capitals: the other project."""
    slots = receivers.slots(map(webhook, under_way), quick_only=quick_only)
    return "".join(letter for letter in asked if slots.take(webhook(letter)))


def webhook(letter: str) -> SlotKey:
    return SlotKey(letter, THEIRS if letter.isupper() else OURS)


def known(**seconds: float) -> ReceiverLimits:
    receivers = ReceiverLimits(each=3, slow=2, unproven=6, unproven_of_project=4)
    for receiver, took in seconds.items():
        receivers.took(receiver, took)
    return receivers


def test_an_unknown_receiver_gets_one_slot() -> None:
    assert taken(known(), "aaabbb") == "ab"
    assert taken(known(), "aaabbb", under_way="a") == "b"


def test_a_quick_receiver_gets_several() -> None:
    assert taken(known(a=0.1), "aaaaab") == "aaab"
    assert taken(known(a=0.1), "aaaaab", under_way="aa") == "ab"


def test_unknown_receivers_share_a_part_and_quick_ones_keep_theirs() -> None:
    assert taken(known(q=0.1), "abcdefqqq") == "abcdqqq"
    assert taken(known(q=0.1), "abcdABCDqqq") == "abcdABqqq"


def test_a_project_gets_a_part_of_that_part() -> None:
    assert taken(known(), "abcdefA") == "abcdA"
    assert taken(known(), "efA", under_way="abcd") == "A"


def test_receivers_that_hang_share_a_few() -> None:
    assert taken(known(a=10, b=10, c=10, d=0.1), "aabbccddd") == "abddd"
    assert taken(known(a=10, b=10, c=10), "abc", under_way="c") == "a"
    assert taken(known(a=10, b=10), "abx", under_way="cdef") == "", "and what they take is not there for unknown ones"


def test_only_quick_ones_begin_when_a_time_slice_is_over() -> None:
    assert taken(known(a=10, q=0.1), "axq", quick_only=True) == "q"


def test_the_last_answer_counts() -> None:
    receivers = known(a=10)
    assert receivers.is_slow("a")
    assert receivers.took("a", 0.1), "this is news"
    assert not receivers.took("a", 0.2)
    assert taken(receivers, "aaaa") == "aaa"
    assert receivers.took("a", 2.1)
    assert taken(receivers, "aaaa") == "a"


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (
            ("http://127.6.0.99/a", "http://127.6.0.0143", "http://127.0x060063:80/?b", "HTTP://127.6.0.99."),
            "127.6.0.99:80",
        ),
        (
            ("https://Hooks.Example.org/x", "https://hooks.example.org.:443", " https://hooks.example.org"),
            "hooks.example.org:443",
        ),
        (("http://localhost:8080/a", "http://LOCALHOST.:8080/b#c"), "localhost:8080"),
        (("http://[::1]/", "http://[0:0:0:0:0:0:0:1]:80/"), "[::1]:80"),
        (("https://bücher.example/", "https://xn--bcher-kva.example/"), "xn--bcher-kva.example:443"),
        (("nonsense", "ftp://a.example/", "http://me@a.example/", f"http://{'a' * 400}/"), "invalid"),
    ],
)
def test_a_receiver_has_one_name_however_it_is_spelled(spellings: tuple[str, ...], name: str) -> None:
    assert {receiver_name(spelling) for spelling in spellings} == {name}


def test_an_address_has_a_limit_whatever_names_lead_to_it() -> None:
    limit = AddressLimit(2)
    address, mapped, other = map(ip_address, ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"))
    with limit.webhook() as first, limit.webhook() as second, limit.webhook() as third:
        first(address)
        second(mapped)
        with pytest.raises(AddressBusy):
            third(address)
        third(other)
        second(other)  # the next address of the same name: it has left the one before
        first(address)
        with pytest.raises(AddressBusy):
            first(other)
    with limit.webhook() as again:
        again(address)
