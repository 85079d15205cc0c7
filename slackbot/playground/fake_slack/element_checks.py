"""Checks the elements of a block as Slack does: buttons, selects, inputs.

https://docs.slack.dev/reference/block-kit/block-elements - limits in characters.
"""

from collections.abc import Callable
from typing import Any

from slackbot.playground.fake_slack.field_checks import check_string, check_text, invalid
from slackbot.playground.json_types import Json

MAX_ACTION_ID, MAX_LABEL, MAX_VALUE, MAX_INPUT = 255, 75, 2_000, 3_000
MAX_OPTIONS, MAX_CHOICES, MAX_OPTION_VALUE, MAX_PLACEHOLDER = 100, 10, 150, 150
STYLES = ("primary", "danger")
ICONS = ("trash",)

CONTEXT_ONLY = frozenset({"feedback_buttons", "icon_button"})
"""Elements that only a context_actions block may contain."""


def check_element(element: Any, where: str, *, in_context: bool = False) -> None:
    """Checks an element; `in_context` is true inside a context_actions block."""
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        raise invalid("missing required field: type", where)
    if (element["type"] in CONTEXT_ONLY) is not in_context:
        raise invalid("unsupported type", f"{where}/type")
    check_string(element, "action_id", MAX_ACTION_ID, where)
    check = _CHECKS.get(element["type"])
    if check is not None:
        check(element, where)


def check_elements(block: Json, where: str, max_count: int, *, in_context: bool = False) -> None:
    """Checks a block's elements, which must have different `action_id`s."""
    ids = set()
    for number, element in enumerate(elements_of(block, where, max_count)):
        check_element(element, f"{where}/elements/{number}", in_context=in_context)
        action_id = element.get("action_id")
        if action_id in ids:
            raise invalid("duplicate action_id", f"{where}/elements/{number}/action_id")
        if action_id is not None:
            ids.add(action_id)


def elements_of(block: Json, where: str, max_count: int) -> list[Any]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        raise invalid("must have at least 1 item", f"{where}/elements")
    if len(elements) > max_count:
        raise invalid(f"no more than {max_count} items allowed", f"{where}/elements")
    return elements


def _button(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    _check_label(element, where)
    check_string(element, "value", MAX_VALUE, where)
    if element.get("style", STYLES[0]) not in STYLES:
        raise invalid("must be a valid enum value", f"{where}/style")


def _icon_button(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/icon-button-element"""
    _check_label(element, where)
    check_string(element, "value", MAX_VALUE, where)
    if element.get("icon") not in ICONS:
        raise invalid("must be a valid enum value", f"{where}/icon")


def _feedback_buttons(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element"""
    for name in ("positive_button", "negative_button"):
        button = element.get(name)
        if not isinstance(button, dict):
            raise invalid(f"missing required field: {name}", where)
        _check_label(button, f"{where}/{name}")
        check_string(button, "value", MAX_VALUE, f"{where}/{name}", required=True)


def _plain_text_input(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element"""
    check_string(element, "initial_value", MAX_INPUT, where)
    _check_placeholder(element, where)


def _select(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""
    _check_placeholder(element, where)
    if element["type"] == "static_select" or "options" in element:
        _check_options(element, "options", MAX_OPTIONS, where)
    _check_initial(element, where)


def _choice(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/radio-button-group-element and
    checkboxes-element
    """
    _check_options(element, "options", MAX_CHOICES, where)
    _check_initial(element, where)


def _file_input(element: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/file-input-element"""
    if not 1 <= element.get("max_files", MAX_CHOICES) <= MAX_CHOICES:
        raise invalid(f"must be between 1 and {MAX_CHOICES}", f"{where}/max_files")


def _check_options(element: Json, field: str, max_count: int, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
    options = element.get(field)
    if not isinstance(options, list) or not options:
        raise invalid("must have at least 1 item", f"{where}/{field}")
    if len(options) > max_count:
        raise invalid(f"no more than {max_count} items allowed", f"{where}/{field}")
    for option in options:
        check_text(option, "text", MAX_LABEL, f"{where}/{field}")
        check_string(option, "value", MAX_OPTION_VALUE, f"{where}/{field}", required=True)


def _check_initial(element: Json, where: str) -> None:
    """Checks that the initial choices are among the options, letter for letter."""
    chosen = [*element.get("initial_options", ())]
    chosen += [element["initial_option"]] if "initial_option" in element else []
    if chosen:
        _check_options({"initial": chosen}, "initial", MAX_OPTIONS, where)
    options = element.get("options")
    if options is not None and any(each not in options for each in chosen):
        raise invalid("must be one of the options", f"{where}/initial_option")


def _check_placeholder(element: Json, where: str) -> None:
    if "placeholder" in element:
        check_text(element, "placeholder", MAX_PLACEHOLDER, where, kinds=("plain_text",))


def _check_label(button: Json, where: str) -> None:
    check_text(button, "text", MAX_LABEL, where, kinds=("plain_text",))
    check_string(button, "accessibility_label", MAX_LABEL, where)


_CHECKS: dict[str, Callable[[Json, str], None]] = {
    "button": _button,
    "checkboxes": _choice,
    "external_select": _select,
    "feedback_buttons": _feedback_buttons,
    "file_input": _file_input,
    "icon_button": _icon_button,
    "radio_buttons": _choice,
    "static_select": _select,
    "plain_text_input": _plain_text_input,
}
