import json

from slackbot.playground.fake_slack.members import Person
from slackbot.playground.page.page_state import PageRenderer, role
from slackbot.playground.playground import Playground


async def test_the_state_of_the_page(playground: Playground) -> None:
    """Each object has a key of its own; a message is rendered again only if it has changed."""
    workspace = playground.workspace
    renderer = PageRenderer(playground)
    ana = next(each for each in workspace.people.values() if each.name == "ana")
    channel = workspace.add_channel("quiet", members=[ana], with_bot=False)
    message = await workspace.say(ana, channel, "a *b*")
    key = f"message/{channel.id}/{message.ts}"
    before = renderer.state()
    shown = json.loads(before[key])
    assert (shown["html"], shown["typed"]) == ("a <strong>b</strong>", "a *b*")
    assert json.loads(before[f"person/{ana.id}"])["role"] == "owner"
    assert json.loads(before["network"])["pending"] == 0
    assert renderer.state()[key] is before[key]
    await workspace.edit(ana, message, "c")
    assert json.loads(renderer.state()[key])["edited"]
    await workspace.delete(ana, message)
    assert key not in renderer.state()


def test_roles() -> None:
    """A person's role is the strongest that applies; guests and outsiders are never admins."""
    roles = {
        "owner": Person("U1", "a", "A", "T1", owner=True, admin=True),
        "admin": Person("U1", "a", "A", "T1", admin=True),
        "member": Person("U1", "a", "A", "T1"),
        "guest": Person("U1", "a", "A", "T1", restricted=True),
        "outsider": Person("U1", "a", "A", "T2", stranger=True),
        "app": Person("U1", "a", "A", "T1", bot_id="B1"),
    }
    assert {name: role(person) for name, person in roles.items()} == {name: name for name in roles}
