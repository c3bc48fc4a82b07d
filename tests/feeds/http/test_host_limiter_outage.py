from bot.feeds.http.host_limiter_outage import MANY, Outage


def test_many_silent_domains_in_a_row_are_our_own_outage_and_one_answer_ends_it() -> None:
    outage = Outage()
    for number in range(MANY):
        assert not outage.is_ours
        outage.note(f"{number}.example", answered=False)
    assert outage.is_ours
    outage.note("a.example", answered=True)
    assert not outage.is_ours


def test_one_dead_domain_is_no_outage_however_many_feeds_it_has() -> None:
    outage = Outage()
    for _ in range(2 * MANY):
        outage.note("a.example", answered=False)
    assert not outage.is_ours
