"""Modals and the home tab, with every kind of input, in a real browser."""

from typing import Any

from playwright.async_api import expect

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.json_types import Json
from tests.playground.page.visitor import Visitor


def text(words: str) -> Json:
    return {"type": "plain_text", "text": words}


def option(value: str) -> Json:
    return {"text": text(f"Option {value}"), "value": value}


def field(block_id: str, element: Json, **more: Any) -> Json:
    element = {"action_id": "it", **element}
    label = text(block_id.title())
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


def modal() -> Json:
    """A modal with one input of each kind."""
    options = [option("a"), option("b")]
    return {
        "type": "modal",
        "callback_id": "all",
        "title": text("Everything"),
        "submit": text("Save"),
        "notify_on_close": True,
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "Say *all* <script>"}},
            field("name", {"type": "plain_text_input", "initial_value": "Ana"}),
            field("story", {"type": "plain_text_input", "multiline": True, "max_length": 200}),
            field("model", {"type": "static_select", "options": options}),
            field("radio", {"type": "radio_buttons", "options": options}),
            field("boxes", {"type": "checkboxes", "options": options}, optional=True),
            field("person", {"type": "users_select"}, optional=True),
            field("place", {"type": "conversations_select"}, optional=True),
            field("several", {"type": "multi_static_select", "options": options}, optional=True),
            field("looked", {"type": "external_select", "min_query_length": 1}, optional=True),
            field("day", {"type": "datepicker"}, optional=True),
            field("count", {"type": "number_input", "is_decimal_allowed": False}, optional=True),
            {
                "type": "actions",
                "block_id": "tries",
                "elements": [{"type": "button", "action_id": "try", "text": text("Try it")}],
            },
        ],
    }


def ana(visitor: Visitor) -> Person:
    return next(each for each in visitor.workspace.people.values() if each.name == "ana")


async def next_delivery(visitor: Visitor, kind: str) -> Delivery:
    """Returns the next delivery of a kind to the app."""

    def found() -> Delivery | None:
        each = (d for d in visitor.workspace.deliveries if d.payload.get("type") == kind)
        return next(each, None)

    await visitor.until(found)
    delivery = found()
    assert delivery is not None
    return delivery


async def test_everything_that_can_be_filled_in(visitor: Visitor) -> None:
    """The app gets the values in Slack's format; missing ones are reported first."""
    visitor.workspace.views.open(ana(visitor).id, modal())
    visitor.workspace.changes.notify()
    dialog = visitor.page.get_by_role("dialog", name="Everything")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Please complete this required field.")).to_have_count(3)
    await expect(dialog.get_by_label("Story")).to_be_focused()
    await dialog.get_by_label("Name").fill("Ben")
    await dialog.get_by_label("Story").fill("Once\nupon")
    await dialog.get_by_label("Model").select_option(label="Option b")
    await dialog.get_by_role("radio", name="Option a").check()
    await dialog.get_by_role("group", name="Boxes").get_by_label("Option b").check()
    await dialog.get_by_label("Person").select_option(label="Gus Moreau")
    await dialog.get_by_label("Day").fill("2026-11-25")
    await dialog.get_by_label("Count").fill("7")
    await dialog.get_by_role("button", name="Save").click()
    delivery = await next_delivery(visitor, "view_submission")
    values = delivery.payload["view"]["state"]["values"]
    gus = next(each for each in visitor.workspace.people.values() if each.name == "gus")
    assert values["name"]["it"] == {"type": "plain_text_input", "value": "Ben"}
    assert values["story"]["it"]["value"] == "Once\nupon"
    assert values["model"]["it"] == {"type": "static_select", "selected_option": option("b")}
    assert values["radio"]["it"]["selected_option"] == option("a")
    assert values["boxes"]["it"]["selected_options"] == [option("b")]
    assert values["person"]["it"]["selected_user"] == gus.id
    assert values["several"]["it"]["selected_options"] == []
    assert values["day"]["it"]["selected_date"] == "2026-11-25"
    assert values["count"]["it"]["value"] == "7"


async def test_a_button_in_a_modal(visitor: Visitor) -> None:
    """A click sends the values to the app; an update of the modal keeps them."""
    view = visitor.workspace.views.open(ana(visitor).id, modal())
    visitor.workspace.changes.notify()
    dialog = visitor.page.get_by_role("dialog", name="Everything")
    await dialog.get_by_label("Story").fill("Once")
    await dialog.get_by_role("button", name="Try it").click()
    delivery = await next_delivery(visitor, "block_actions")
    (action,) = delivery.payload["actions"]
    assert (action["action_id"], action["block_id"]) == ("try", "tries")
    assert delivery.payload["view"]["state"]["values"]["story"]["it"]["value"] == "Once"
    tried = modal()
    tried["blocks"].append({"type": "section", "text": {"type": "mrkdwn", "text": "It *works*"}})
    visitor.workspace.views.update(view, tried)
    visitor.workspace.changes.notify()
    await expect(dialog.locator("strong", has_text="works")).to_be_visible()
    await expect(dialog.get_by_label("Story")).to_have_value("Once")


async def test_escape_closes(visitor: Visitor) -> None:
    """Escape closes a modal, and tells the app on request."""
    visitor.workspace.views.open(ana(visitor).id, modal())
    visitor.workspace.changes.notify()
    dialog = visitor.page.get_by_role("dialog", name="Everything")
    await expect(dialog.get_by_label("Name")).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    delivery = await next_delivery(visitor, "view_closed")
    assert delivery.payload["view"]["callback_id"] == "all"


async def test_modals_are_one_persons(visitor: Visitor) -> None:
    """Nobody else sees a person's modal."""
    visitor.workspace.views.open(ana(visitor).id, modal())
    visitor.workspace.changes.notify()
    dialog = visitor.page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    second = await visitor.joined_channel()
    ben = next(each for each in visitor.workspace.people.values() if each.name == "ben")
    await second.page.evaluate("me => sessionStorage.playground = JSON.stringify({ me })", ben.id)
    await second.arrive()
    await expect(second.page.get_by_role("dialog")).to_have_count(0)


async def test_the_home_tab(visitor: Visitor) -> None:
    """A person sees the home tab that the app published; its buttons tell the app."""
    button = {"type": "button", "action_id": "more", "text": text("More"), "value": "m"}
    blocks = [
        {"type": "header", "text": text("Welcome")},
        {"type": "divider"},
        {"type": "actions", "block_id": "b", "elements": [button]},
    ]
    await visitor.go("assistant")
    await visitor.page.get_by_role("tab", name="Home").click()
    homes = visitor.workspace.views.homes
    await visitor.until(lambda: ana(visitor).id in homes)  # the bot publishes its own once
    visitor.workspace.views.publish(ana(visitor).id, {"type": "home", "blocks": blocks})
    visitor.workspace.changes.notify()
    home = visitor.page.get_by_role("region", name="Home")
    await expect(home.get_by_role("heading", name="Welcome")).to_be_visible()
    await home.get_by_role("button", name="More").click()
    delivery = await next_delivery(visitor, "block_actions")
    assert delivery.payload["actions"][0]["value"] == "m"
    assert delivery.payload["container"]["type"] == "view"
