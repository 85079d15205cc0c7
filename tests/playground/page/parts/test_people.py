"""What each kind of person sees and may do."""

from playwright.async_api import expect

from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor

COMMAND = "/instructions set Answer in rhyme."


async def test_an_owner_changes_the_instructions(visitor: Visitor, model: ModelServer) -> None:
    """An owner's instructions reach the model from the next answer on."""
    await visitor.say(COMMAND)
    await visitor.sees(visitor.middle.last, "Answer in rhyme.")
    await visitor.sees(visitor.middle.last, "Only visible to you")
    model.enqueue("So I shall.")
    await visitor.ask("Will you?")
    await visitor.sees(visitor.answer, "So I shall.")
    assert "Answer in rhyme." in model.requests[-1]["messages"][0]["content"]


async def test_a_guest_is_refused(visitor: Visitor, model: ModelServer) -> None:
    """A guest can't change the instructions, and is told who can."""
    await visitor.be("Gus Moreau")
    await visitor.say(COMMAND)
    await visitor.sees(visitor.middle.last, "Only visible to you")
    await expect(visitor.middle.last).not_to_contain_text("Answer in rhyme.")
    model.enqueue("Prose.")
    await visitor.ask("Verse?")
    await visitor.sees(visitor.answer, "Prose.")
    assert "Answer in rhyme." not in model.requests[-1]["messages"][0]["content"]


async def test_what_each_of_them_sees(visitor: Visitor) -> None:
    """Guests and outsiders see their own channels, members also the public ones."""
    people = visitor.page.get_by_label("You are").locator("option")
    roles = ["Ana Okafor, owner", "Ben Larsen, member", "Gus Moreau, guest", "Zoe Park, outsider"]
    await expect(people).to_have_text(roles)
    places = visitor.page.locator("#sidebar").locator(".place .name")
    await expect(places).to_have_text(["general", "engineering", "leads", "partners", "assistant"])
    await visitor.be("Ben Larsen")
    await expect(places).to_have_text(["general", "engineering", "partners", "assistant"])
    await visitor.be("Gus Moreau")
    await expect(places).to_have_text(["general", "assistant"])
    await visitor.be("Zoe Park")
    await expect(places).to_have_text(["partners"])


async def test_somebody_who_is_nowhere(visitor: Visitor) -> None:
    """A person without channels is told so, and does not see the previous person's view."""
    workspace = visitor.workspace
    zoe = next(each for each in workspace.people.values() if each.name == "zoe")
    for channel in workspace.channels.values():
        channel.members.discard(zoe.id)
    workspace.changes.notify()
    await visitor.be("Zoe Park")
    middle = visitor.page.get_by_role("region", name="Conversation")
    await expect(middle).to_have_text("You are in no channel. Choose another person on the left.")
    await visitor.be("Ana Okafor")
    await expect(visitor.page.get_by_role("textbox", name="Message #general")).to_be_visible()


async def test_people_of_other_organisations_have_no_commands(visitor: Visitor) -> None:
    """Outsiders have no commands: the page says so, and keeps the typed text."""
    await visitor.be("Zoe Park")
    await visitor.say(COMMAND, "Message #partners")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("only for members of this")
    box = visitor.page.get_by_role("textbox", name="Message #partners")
    await expect(box).to_have_value(COMMAND)
    visitor.errors.clear()  # the browser logs that the act was refused


async def test_people_among_themselves(visitor: Visitor, model: ModelServer) -> None:
    """The bot stays silent while people talk to each other."""
    await visitor.say("@ben lunch?")
    await visitor.be("Ben Larsen")
    mention = visitor.middle.last.locator(".mention.me")
    await expect(mention).to_have_text("@ben")
    await visitor.until(lambda: all(each.settled.is_set() for each in visitor.workspace.deliveries))
    assert not visitor.answers
    assert not model.requests


async def test_news_for_each_of_them(visitor: Visitor) -> None:
    """A message that one person has read is still unread for the other."""
    place = visitor.page.locator("#sidebar").get_by_role("button", name="engineering")
    await visitor.be("Ben Larsen")
    await visitor.go("engineering")
    await visitor.say("the build is red", "Message #engineering")
    await visitor.sees(visitor.middle.last, "the build is red")
    await visitor.go("general")
    await expect(place).to_have_accessible_name("engineering, channel")
    await visitor.be("Ana Okafor")
    await expect(place).to_have_accessible_name("engineering, channel, 1 new")
    await visitor.go("engineering")
    await expect(place).to_have_accessible_name("engineering, channel")


async def test_two_people_at_once(visitor: Visitor) -> None:
    """Two tabs can be two people, and both see messages at once."""
    second = await visitor.joined_channel()
    await second.be("Ben Larsen")
    await visitor.say("hello Ben")
    await second.sees(second.middle.last, "hello Ben")
    await second.say("hello Ana")
    await visitor.sees(visitor.middle.last, "hello Ana")
    assert second.errors == []
