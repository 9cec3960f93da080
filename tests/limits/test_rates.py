"""The arithmetic of limits, and whom they count what is done under."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.limits.callers import by_address, by_name, is_loopback
from kb.limits.rates import HOUR, MINUTE, Limit

NOW = 1_700_000_000_000


@given(amount=st.integers(1, 500))
def test_all_of_an_amount_is_there_at_once_and_no_more(amount: int) -> None:
    limit, until = Limit("changes", amount, HOUR), 0
    for _ in range(amount):
        until, wait = limit.spend(until, NOW)
        assert wait == 0

    same, wait = limit.spend(until, NOW)

    assert same == until
    assert 0 < wait <= HOUR


@given(amount=st.integers(1, 500), times=st.lists(st.integers(0, 10_000), max_size=200))
def test_whoever_waits_as_told_gets_one_more_and_nobody_gets_more_than_that(
    amount: int, times: list[int]
) -> None:
    limit, until, now, spent = Limit("changes", amount, HOUR), 0, NOW, 0
    for pause in times:
        now += pause
        until, wait = limit.spend(until, now)
        spent += not wait
        if wait:
            until, wait = limit.spend(until, now + wait)
            assert wait == 0
            until = limit.spend(until, now)[0]
            break

    assert spent <= amount + amount * (now - NOW) / HOUR + 1


@given(amount=st.integers(1, 500), times=st.integers(0, 2000))
def test_what_was_let_through_elsewhere_counts_as_if_it_had_been_here(
    amount: int, times: int
) -> None:
    limit, one_by_one = Limit("searches", amount, MINUTE), 0
    for _ in range(times):
        one_by_one = limit.add(one_by_one, NOW, 1)

    assert times == 0 or limit.add(0, NOW, times) == one_by_one
    assert bool(limit.spend(one_by_one, NOW)[1]) == (times >= amount)


def test_nobody_waits_because_the_clock_was_set_back() -> None:
    limit = Limit("changes", 1, HOUR)
    until, _ = limit.spend(0, NOW)

    assert limit.spend(until, NOW - 1000)[1] > 0
    assert limit.spend(until, NOW - 100 * HOUR)[1] == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:1"),
        ("203.0.113.9", "::ffff:203.0.113.9"),
        ("fe80::1%eth0", "fe80::2"),
        ("", "testclient"),
    ],
)
def test_addresses_of_one_network_are_one_caller(one: str, other: str) -> None:
    assert by_address(one) == by_address(other)


@pytest.mark.parametrize(
    ("one", "other"), [("203.0.113.9", "203.0.113.10"), ("2001:db8::1", "2001:db8:0:1::1")]
)
def test_other_networks_are_other_callers(one: str, other: str) -> None:
    assert by_address(one) != by_address(other)


@given(name=st.text())
def test_a_name_that_was_typed_is_not_kept(name: str) -> None:
    assert by_name(name) == by_name(name)
    assert int(by_name(name).removeprefix("name:")) < 1 << 20


def test_loopback_is_what_only_this_machine_has() -> None:
    assert [is_loopback(one) for one in ("127.0.0.1", "127.9.9.9", "::1")] == [True] * 3
    assert not any(is_loopback(one) for one in ("10.0.0.1", "203.0.113.9", "", "localhost"))
