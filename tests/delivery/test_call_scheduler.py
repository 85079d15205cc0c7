"""The scheduler on a virtual clock: ten minutes of streaming in milliseconds."""

from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise, repeat
from statistics import median, quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import CALLS_PER_MINUTE, Method
from slackbot.delivery.call_request import STALE_SECONDS, ActiveReply, CallRequest, Priority
from slackbot.delivery.call_scheduler import CallScheduler
from slackbot.delivery.streaming_mode import BEST, EDITS, OPENING_CALLS, STREAMS, StreamingMode
from tests.delivery.scheduler_stage import CountingSlack, Stage, Talk

PLENTY: Mapping[Method, int] = dict.fromkeys(CALLS_PER_MINUTE, 1_000)
"""Limits of a Slack that refuses nothing for the workspace."""

SOON = (0.08, 0.5)
"""A call that takes 80 ms, and counts halfway."""


def at_most(count: int) -> int:
    """So many examples, or fewer where the profile asks for fewer."""
    assert settings.default is not None
    return min(count, settings.default.max_examples)


def call_request(
    reply: ActiveReply, priority: Priority, method: Method = "chat.update", channel: str = "C1"
) -> CallRequest:
    return CallRequest(reply, method, ChannelId(channel), priority)


def opened(
    scheduler: CallScheduler, now: float, channel: str = "C1", method: Method = "chat.postMessage"
) -> ActiveReply:
    """A reply whose first text is shown now, in no time."""
    reply = scheduler.begin_reply(now, scheduler.modes)
    request = call_request(reply, Priority.FIRST, method, channel)
    scheduler.add(request, now)
    later = scheduler.wakes_at(now) or now
    assert scheduler.grant(later) is request
    scheduler.end_call(request, later)
    return reply


def test_grants_the_most_urgent_first() -> None:
    """Endings go before first texts, those before interim texts, and the stalest of these first."""
    scheduler = CallScheduler(EDITS)
    stale, fresh, ending = (opened(scheduler, now) for now in (0.0, 3.0, 3.5))
    waiting = scheduler.begin_reply(6.0, EDITS)
    requests = [
        call_request(fresh, Priority.INTERIM),
        call_request(stale, Priority.INTERIM),
        call_request(waiting, Priority.FIRST, "chat.postMessage", "C2"),
        call_request(ending, Priority.ENDING),
    ]
    for each in requests:
        scheduler.add(each, 7.0)
    now, granted = 7.0, []
    while (wakes_at := scheduler.wakes_at(now)) is not None:
        now = wakes_at
        if (admitted := scheduler.grant(now)) is not None:
            granted.append(admitted.reply)
    assert granted == [ending, waiting, stale, fresh]


def test_an_approval_waits_for_no_step_but_leaves_the_endings() -> None:
    """Its buttons are shown at once, with a call that no ending needs, as a new message too."""
    scheduler = CallScheduler(EDITS)
    asking, *others = (opened(scheduler, 0.0, f"C{number}") for number in range(40))
    for _ in range(10):
        buttons = call_request(asking, Priority.APPROVAL)
        scheduler.add(buttons, 1.0)
        assert scheduler.grant(1.0) is buttons
        scheduler.end_call(buttons, 1.0)
    scheduler.add(call_request(asking, Priority.APPROVAL), 1.0)
    scheduler.add(call_request(asking, Priority.APPROVAL), 1.0)
    assert scheduler.grant(1.0) is not None
    assert scheduler.grant(1.0) is None
    late = scheduler.begin_reply(1.0, EDITS)
    first = call_request(late, Priority.FIRST, "chat.postMessage", "C99")
    scheduler.add(first, 1.0)
    assert scheduler.grant(1.0) is None
    first.priority = Priority.APPROVAL
    assert scheduler.grant(1.0) is first
    for each in others:
        ending = call_request(each, Priority.ENDING)
        scheduler.add(ending, 1.0)
        assert scheduler.grant(1.0) is ending


def test_posts_of_one_channel_delay_no_other() -> None:
    """A channel whose posts must wait does not delay another channel's."""
    scheduler = CallScheduler(EDITS)
    channels = ["C1"] * 9 + ["C2"]
    for channel in channels:
        request = call_request(
            scheduler.begin_reply(0.0, EDITS), Priority.FIRST, "chat.postMessage", channel
        )
        scheduler.add(request, 0.0)
    granted = []
    while (admitted := scheduler.grant(3.0)) is not None:
        granted.append(admitted.channel)
    assert granted == ["C1"] * 5 + ["C2"]


def test_under_pressure_a_reply_appears_when_it_is_whole() -> None:
    """A first text is shown only while its ending can be afforded; a whole answer is posted."""
    scheduler = CallScheduler(EDITS)
    for number in range(60):
        reply = scheduler.begin_reply(0.0, EDITS)
        scheduler.add(call_request(reply, Priority.FIRST, "chat.postMessage", f"C{number}"), 0.0)
    assert scheduler.grant(1.0) is None  # each waits for more than its first word
    posted = 0
    while scheduler.grant(3.0) is not None:
        posted += 1
    assert posted == 50
    late = call_request(
        scheduler.begin_reply(3.0, EDITS), Priority.ENDING, "chat.postMessage", "C99"
    )
    scheduler.add(late, 3.0)
    assert scheduler.grant(3.0) is late


def test_a_stale_reply_is_updated_among_many() -> None:
    """Among so many replies that their endings may need the whole budget, a visible reply is still
    updated now and then.
    """
    scheduler = CallScheduler(EDITS)
    visible = [opened(scheduler, 0.0, f"C{number}") for number in range(49)]
    interim = call_request(visible[0], Priority.INTERIM)
    scheduler.add(interim, 4.0)
    stale_at = visible[0].called + STALE_SECONDS
    assert scheduler.wakes_at(4.0) == stale_at
    assert scheduler.grant(stale_at) is interim


def test_a_reply_of_an_earlier_run_has_its_ending_kept() -> None:
    """Replies that are visible when they begin, as after a crash, get their endings in time though
    they ask for nothing yet: others leave the calls for them.
    """
    scheduler = CallScheduler(EDITS)
    for _ in range(46):
        scheduler.budgets.begin("chat.update", ChannelId("C1"), 0.0)
        scheduler.budgets.end("chat.update", ChannelId("C1"), 0.0)
    first, *others = [scheduler.begin_reply(1.0, EDITS, visible=True) for _ in range(3)]
    interim = call_request(first, Priority.INTERIM)
    scheduler.add(interim, 1.0)
    assert scheduler.grant(9.0) is None
    scheduler.withdraw(interim)
    for reply in (first, *others):
        ending = call_request(reply, Priority.ENDING)
        scheduler.add(ending, 9.0)
        assert scheduler.grant(9.0) is ending


def test_a_refusal_of_a_post_closes_its_channel() -> None:
    """A 429 pauses the posts of one channel; a second one, in another channel, those of all."""
    scheduler = CallScheduler(EDITS)
    visible = opened(scheduler, 0.0)
    requests = [
        call_request(scheduler.begin_reply(0.0, EDITS), Priority.FIRST, "chat.postMessage", channel)
        for channel in ("C1", "C2", "C3")
    ]
    for now, request in ((0.0, requests[0]), (0.2, requests[1])):
        scheduler.add(request, now)
        assert scheduler.grant(now) is request
        scheduler.refuse_call(request, now + 0.1, retry_after=9.0)
    scheduler.add(requests[2], 0.4)
    assert scheduler.wakes_at(0.4) == pytest.approx(9.3)
    ending = call_request(visible, Priority.ENDING)
    scheduler.add(ending, 0.4)
    assert scheduler.grant(0.4) is ending


def test_the_mode_that_lags_least() -> None:
    """Replies at once are spread over both modes by their budgets, and no more streams begin than
    may end.
    """
    scheduler = CallScheduler(BEST)
    for number in range(40):
        reply = scheduler.begin_reply(0.0, BEST)
        scheduler.add(call_request(reply, Priority.FIRST, "chat.startStream", f"C{number}"), 0.0)
    granted: list[Method] = []
    while (admitted := scheduler.grant(3.0)) is not None:
        granted.append(admitted.method)
        assert admitted.reply.mode == (
            "native" if admitted.method == "chat.startStream" else "edit"
        )
    assert granted.count("chat.startStream") == 20
    assert granted.count("chat.postMessage") == 20


def test_a_channel_whose_posts_must_wait_gets_streams() -> None:
    """The sixth post at once in a channel would wait for seconds: a stream begins at once."""
    scheduler = CallScheduler(BEST)
    for _ in range(12):
        scheduler.add(
            call_request(scheduler.begin_reply(0.0, BEST), Priority.FIRST, "chat.startStream"), 0.0
        )
    granted: list[Method] = []
    while (admitted := scheduler.grant(0.0)) is not None:
        granted.append(admitted.method)
    assert len(granted) == 12


@pytest.mark.parametrize("retry_after", [50.0, 3_600.0])
def test_a_first_text_takes_the_mode_that_opens_first(retry_after: float) -> None:
    """Where both modes are closed for longer than a reply usually takes, it begins as soon as one
    of them opens.
    """
    scheduler = CallScheduler(BEST)
    closed: Mapping[StreamingMode, float] = {"native": retry_after, "edit": 12.0}
    for mode, seconds in closed.items():
        budget = scheduler.budgets[OPENING_CALLS[mode]]
        budget.begin(0.0)
        budget.refuse(0.0, seconds)
    request = call_request(
        scheduler.begin_reply(0.0, BEST), Priority.FIRST, method="chat.startStream"
    )
    scheduler.add(request, 0.0)
    assert scheduler.wakes_at(0.0) == 12.0
    assert scheduler.grant(12.0) is request
    assert request.method == "chat.postMessage"


def test_no_message_begins_in_a_mode_that_can_not_grow() -> None:
    """While Slack takes no text for streams, a message grows by edits."""
    scheduler = CallScheduler(BEST)
    appends = scheduler.budgets["chat.appendStream"]
    appends.begin(0.0)
    appends.refuse(0.0, retry_after=60.0)
    request = call_request(
        scheduler.begin_reply(0.1, BEST), Priority.FIRST, method="chat.startStream"
    )
    scheduler.add(request, 0.1)
    assert scheduler.grant(0.1) is request
    assert request.method == "chat.postMessage"


def steps(talk: Talk) -> list[float]:
    return [after - before for before, after in pairwise(talk.shown_at)]


@pytest.mark.parametrize("modes", [EDITS, STREAMS])
@settings(max_examples=at_most(20), deadline=None)
@given(length=st.floats(6.0, 110.0), count=st.integers(1, 8))
def test_steps_are_regular(modes: Sequence[StreamingMode], length: float, count: int) -> None:
    """Where replies take as long as usual, however long that is and however many there are, one
    changes in equal steps: of twenty, nineteen are at most half longer than the median.
    """
    scheduler = CallScheduler(modes)
    for _ in range(10):
        scheduler.demand.end(-1_000.0, length)
    talks = [Talk(0.0, length, modes, f"C{number}") for number in range(count)]
    Stage(talks, CountingSlack(CALLS_PER_MINUTE), repeat(SOON), scheduler).play()
    for talk in talks:
        between = steps(talk)[1:-1]  # the first follows the post at once, the last the end
        if len(between) > 4:
            assert quantiles(between, n=20, method="inclusive")[-1] <= 1.5 * median(between)


def test_as_live_at_the_sixth_question_as_at_the_second() -> None:
    """One person asks on and on: the budget is spent evenly, and all of it."""
    talks = [Talk(number * 23.3, 20.0, EDITS, "C1") for number in range(8)]
    Stage(talks, CountingSlack(CALLS_PER_MINUTE), repeat(SOON), CallScheduler(EDITS)).play()
    for talk in talks[4:]:
        assert median(steps(talk)) < 1.5
        assert quantiles(steps(talk), n=20, method="inclusive")[-1] <= 1.5 * median(steps(talk))


def test_one_long_reply_never_stops_for_long() -> None:
    """A lone reply that takes much longer than usual goes on growing."""
    for modes in (EDITS, STREAMS):
        talk = Talk(0.0, 600.0, modes)
        Stage([talk], CountingSlack(CALLS_PER_MINUTE), repeat(SOON), CallScheduler(modes)).play()
        assert max(steps(talk)[:5]) < 0.6
        assert max(steps(talk)) < 5.0


def test_learns_how_long_replies_take() -> None:
    """Where replies take long, their texts are spread over that time."""

    def shown_early(scheduler: CallScheduler) -> int:
        talk = Talk(1_000.0, 10.0, EDITS)
        Stage([talk], CountingSlack(CALLS_PER_MINUTE), repeat(SOON), scheduler).play()
        return len(talk.shown_at)

    learned = CallScheduler(EDITS)
    for _ in range(10):
        learned.demand.end(45.0, 45.0)
    assert shown_early(learned) < shown_early(CallScheduler(EDITS))


@given(st.integers(2, 12), st.sampled_from((EDITS, STREAMS)))
def test_fair_between_replies(count: int, modes: Sequence[StreamingMode]) -> None:
    """Replies that are written at the same time are shown equally often."""
    talks = [Talk(0.0, 30.0, modes, f"C{number}") for number in range(count)]
    Stage(talks, CountingSlack(CALLS_PER_MINUTE), repeat(SOON), CallScheduler(modes)).play()
    shown = [len(talk.shown_at) for talk in talks]
    assert max(shown) - min(shown) <= 2


@pytest.mark.parametrize("modes", [EDITS, STREAMS])
def test_a_silent_reply_takes_no_steps_from_another(modes: Sequence[StreamingMode]) -> None:
    """While replies wait for an approval or a tool, another one changes as often as if it were
    alone, and is expected to take no longer.
    """

    def shown(silent: int) -> int:
        scheduler = CallScheduler(modes)
        method: Method = "chat.postMessage" if modes == EDITS else "chat.startStream"
        for _ in range(silent):
            opened(scheduler, 0.0, method=method)
        talk = Talk(300.0, 20.0, modes)
        Stage([talk], CountingSlack(CALLS_PER_MINUTE), repeat(SOON), scheduler).play()
        return len(talk.shown_at)

    assert shown(silent=3) >= 0.9 * shown(silent=0)


def test_silence_is_no_time_of_writing() -> None:
    """A reply that waited minutes for an approval teaches how long it wrote, and no more."""
    scheduler = CallScheduler(EDITS)
    reply = opened(scheduler, 0.0)
    scheduler.finish_model(reply, 600.0)
    scheduler.add(call_request(reply, Priority.ENDING), 600.0)
    assert scheduler.demand.lengths == (STALE_SECONDS,)


def test_a_long_reply_among_many_short_ones() -> None:
    """A long reply keeps growing while short ones come and go."""
    long = Talk(0.0, 120.0, EDITS)
    short = [Talk(float(second), 2.0, EDITS, f"C{second}") for second in range(1, 120, 3)]
    slack = CountingSlack(CALLS_PER_MINUTE)
    Stage([long, *short], slack, repeat(SOON), CallScheduler(EDITS)).play()
    assert max(steps(long)) < 35.0
    assert all(each.ended for each in short)


talks = st.builds(
    Talk,
    st.floats(0.0, 60.0),
    st.floats(0.5, 90.0),
    st.sampled_from((EDITS, STREAMS, BEST)),
    st.sampled_from([f"C{number}" for number in range(8)]),
)
latencies = st.lists(st.tuples(st.floats(0.01, 3.0), st.floats(0.0, 1.0)), min_size=1, max_size=20)


def again(drawn: Sequence[Talk]) -> list[Talk]:
    """Talks that have not begun."""
    return [Talk(each.start, each.length, each.modes, each.channel) for each in drawn]


@settings(max_examples=at_most(60), deadline=None)
@given(st.lists(talks, min_size=1, max_size=80), latencies)
def test_at_the_documented_limits_nothing_is_refused_and_no_ending_waits(
    drawn: Sequence[Talk], drawn_latencies: Sequence[tuple[float, float]]
) -> None:
    """For any load and any latencies: no minute holds more calls of a method than its limit, and
    the ending of a visible reply is granted in the moment in which it is asked for.
    """
    slack = CountingSlack(CALLS_PER_MINUTE)
    replies = again(drawn)
    Stage(replies, slack, cycle(drawn_latencies), CallScheduler(BEST)).play()
    assert not slack.refused
    assert all(each.ended for each in replies)
    for each in replies:
        assert each.ending_asked_at is not None
        if len(each.shown_at) > 1:  # it was visible before
            assert each.ending_granted_at == each.ending_asked_at


@settings(max_examples=at_most(60), deadline=None)
@given(
    st.lists(talks, min_size=1, max_size=40),
    st.dictionaries(st.sampled_from(list(CALLS_PER_MINUTE)), st.integers(5, 60)),
    latencies,
)
def test_every_ending_is_written_whatever_slack_does(
    drawn: Sequence[Talk],
    limits: dict[Method, int],
    drawn_latencies: Sequence[tuple[float, float]],
) -> None:
    """For any load, any latencies and any true limits, every reply comes to its end, and few calls
    are refused.
    """
    slack = CountingSlack({**CALLS_PER_MINUTE, **limits})
    replies = again(drawn)
    Stage(replies, slack, cycle(drawn_latencies), CallScheduler(BEST)).play()
    assert all(each.ended for each in replies)


def test_a_refusal_costs_an_ending_its_retry_after() -> None:
    """Slack takes fewer edits than documented, and all have been made: the endings come as soon as
    Slack takes calls again, not a minute after.
    """
    talks = [Talk(number * 0.5, 9.0, EDITS, f"C{number}") for number in range(6)]
    slack = CountingSlack({**CALLS_PER_MINUTE, "chat.update": 25})
    Stage(talks, slack, repeat(SOON), CallScheduler(EDITS)).play()
    assert slack.refused["chat.update"] > 0
    first = min(slack.passed["chat.update"])
    assert max(talk.shown_at[-1] for talk in talks) < first + 75.0


@pytest.mark.parametrize("limit", [20, 35, 45])
def test_finds_the_true_limit(limit: int) -> None:
    """Where the limit is lower than documented, few calls are refused once that is learned, and
    most of the true limit is used.
    """
    talks = [Talk(number * 15.0, 12.0, EDITS) for number in range(240)]
    slack = CountingSlack({**CALLS_PER_MINUTE, "chat.update": limit})
    Stage(talks, slack, repeat(SOON), CallScheduler(EDITS)).play()
    assert slack.refused["chat.update"] <= 10
    late = [at for at in slack.passed["chat.update"] if at > 10 * 60.0]
    assert len(late) / 50 >= 0.6 * limit


@pytest.mark.parametrize(("modes", "seconds"), [(EDITS, 0.2), (STREAMS, 0.1)])
def test_people_can_follow_a_message_that_grows(
    modes: Sequence[StreamingMode], seconds: float
) -> None:
    """Where replies are short and nobody asks on, so that the budget has calls for every word, a
    message changes at most five times a second by edits, and ten times as a stream.
    """
    scheduler = CallScheduler(modes)
    scheduler.demand.follow_ups = 0.0
    for _ in range(10):
        scheduler.demand.end(-1_000.0, 0.5)
    talk = Talk(0.0, 3.0, modes)
    Stage([talk], CountingSlack(CALLS_PER_MINUTE), repeat((0.01, 0.5)), scheduler).play()
    between = steps(talk)[1:-1]  # the first follows the post at once, the last the end
    assert len(between) > 10
    assert min(between) == pytest.approx(seconds)


@settings(deadline=None)
@given(
    posts=st.lists(st.tuples(st.floats(0.0, 240.0), st.integers(1, 6)), min_size=1, max_size=60),
    slow=st.floats(2.0, 60.0),
)
def test_a_slow_channel_slows_no_other(posts: list[tuple[float, int]], slow: float) -> None:
    """Slack may take far fewer posts in one channel than it says: replies elsewhere begin as if
    nothing were wrong, and the workspace's limit stays what it is.
    """
    talks = [Talk(start, 3.0, EDITS, f"C{channel}") for start, channel in posts]
    others = [Talk(talk.start, 3.0, EDITS, talk.channel) for talk in talks if talk.channel != "C1"]
    slack = CountingSlack(PLENTY, {"C1": slow})
    scheduler = CallScheduler(EDITS)
    Stage(talks, slack, repeat(SOON), scheduler).play()
    alone = CallScheduler(EDITS)
    Stage(others, CountingSlack(PLENTY), repeat(SOON), alone).play()
    assert scheduler.budgets["chat.postMessage"].allowance == CALLS_PER_MINUTE["chat.postMessage"]
    elsewhere = [talk for talk in talks if talk.channel != "C1"]
    for talk, undisturbed in zip(elsewhere, others, strict=True):
        began, usual = talk.shown_at[0] - talk.start, undisturbed.shown_at[0] - talk.start
        assert began <= max(usual, 3.0) + 1.0
