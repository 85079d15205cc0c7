"""Who sees what is said in a channel, and where it may be told."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.channel_rights import Place, may_tell, sees
from slackbot.conversation.ids import ChannelId
from slackbot.conversation.roles import Role

places = st.builds(
    Place,
    st.sampled_from([ChannelId("C1"), ChannelId("C2"), ChannelId("D1")]),
    is_public=st.booleans(),
    is_direct=st.booleans(),
    is_shared=st.booleans(),
)
roles = st.sampled_from(Role)


@given(roles, places, st.booleans())
def test_who_sees_a_place(role: Role, place: Place, is_member: bool) -> None:  # noqa: FBT001 - drawn
    """Its members do; and a public channel everybody who is at least a member of the workspace."""
    assert sees(role, place, is_member=True)
    assert sees(role, place, is_member=False) is (place.is_public and role >= Role.MEMBER)
    more = [each for each in Role if each >= role]
    assert all(sees(each, place, is_member=is_member) for each in more) or not sees(
        role, place, is_member=is_member
    )


@given(places, places)
def test_where_it_may_be_told(source: Place, here: Place) -> None:
    """What is private leaves its channel only for a place where nobody else reads along, and
    nothing reaches people of another organisation in a channel that they share.
    """
    if source.channel == here.channel or here.is_direct:
        assert may_tell(source, here)
    else:
        assert may_tell(source, here) is (source.is_public and not here.is_shared)


def test_what_slack_does_not_say() -> None:
    """Then a place counts as the narrower one: private, and shared with others."""
    unknown, other = Place(ChannelId("C1")), Place(ChannelId("C2"), is_public=True)
    assert not sees(Role.OWNER, unknown, is_member=False)
    assert not may_tell(unknown, other)
    assert not may_tell(other, unknown)
