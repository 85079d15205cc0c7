import asyncio

from slackbot.playground.change_notifier import ChangeNotifier


async def test_first_come_first_served() -> None:
    """A change wakes waiters in the order in which they began to wait."""
    changes, things, served = ChangeNotifier(), list[int](), list[int]()

    async def take(number: int) -> None:
        await changes.until(lambda: things)
        things.pop()
        served.append(number)

    async with asyncio.TaskGroup() as waiting:
        for number in range(3):
            waiting.create_task(take(number))
            await asyncio.sleep(0)
            changes.notify()
            await asyncio.sleep(0)
        for _ in range(3):
            things.append(0)
            changes.notify()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    assert served == [0, 1, 2]


async def test_what_is_true_already() -> None:
    """A condition that is already true returns at once."""
    assert await ChangeNotifier().until(lambda: 7) == 7
