from bot_playground.state.call_log import AcceptedMessage, Call, CallLog


def test_the_report_counts_accepted_refused_and_unanswered_messages() -> None:
    record = CallLog()
    for code, answered in [(200, True), (200, False), (429, True), (None, False)]:
        call = Call(method="sendMessage", parameters={}, chat_id=1, at=0, code=code)
        call.answered = answered
        record.calls.append(call)
        if code == 200:
            record.sent.append(AcceptedMessage(chat_id=1, message_id=1, text="x", at=0, call=call))
    assert record.report() == {
        "calls": 4,
        "methods": {"sendMessage": 4},
        "accepted": 2,
        "accepted_but_torn": 1,
        "refused": {"429": 1},
    }
