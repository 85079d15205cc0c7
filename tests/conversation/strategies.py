"""Turns of every shape, for property tests."""

from hypothesis import strategies as st

from slackbot.conversation.history import Answer, AudioRef, ToolCall, ToolRound, Turn, UserMessage

texts = st.text(max_size=300)
rounds = st.builds(
    lambda text, results: ToolRound(
        text, tuple(ToolCall(name, "add") for name in results), results
    ),
    texts,
    st.dictionaries(st.sampled_from("abc"), texts, min_size=1),
)
turns = st.builds(
    Turn,
    st.lists(st.builds(UserMessage, st.just("Ana"), texts), min_size=1, max_size=3).map(tuple),
    st.none()
    | st.builds(Answer, texts, spoken=st.none() | st.builds(AudioRef, texts, st.integers())),
    tool_rounds=st.lists(rounds, max_size=3).map(tuple),
)
