"""Hostile texts and files: none of them runs, pings or loads anything."""

from playwright.async_api import FilePayload, expect

from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor

ATTACKS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload='window.hacked = 1'><animate onbegin='window.hacked = 1'/></svg>",
    "[click](javascript:window.hacked=1)",
    "![pic](javascript:window.hacked=1) ![pic](http://127.0.0.1:9/track.png)",
    "<javascript:window.hacked=1|click> <https://x.org' onclick='window.hacked=1|click>",
    "`<b onmouseover=window.hacked=1>`\n```\n</code></pre><script>window.hacked=1</script>\n```",
    '<a href="data:text/html,<script>opener.hacked=1</script>">a</a>',
    "<style>body { display: none }</style><iframe src='javascript:parent.hacked=1'></iframe>",
    "&lt;script&gt;window.hacked=1&lt;/script&gt; &#60;script&#62;",
    "| a |\n|---|\n| <img src=x onerror=window.hacked=1> |",
    "\0<U123> <@U123|<img src=x onerror=window.hacked=1>> <!everyone|<b>>",
)


async def test_hostile_texts(visitor: Visitor, model: ModelServer) -> None:
    """Hostile text of a person or the model adds no script or element, and loads nothing."""
    requested: list[str] = []
    visitor.page.on("request", lambda request: requested.append(request.url))
    strange = visitor.page.locator(
        ".message :is(script, style, iframe, object, embed, form, base, svg:not(.icon)), "
        ".message img, .message [onclick], .message [onerror], .message [onload], "
        ".message a[href^='javascript'], .message a[href^='data']"
    )
    for attack in ATTACKS:
        model.enqueue(f"Look: {attack}")
        await visitor.ask(attack)
        await visitor.until(lambda: visitor.answers and "Look" in visitor.answers[-1].shown)
        await visitor.sees(visitor.thread.first, "@assistant")
        await visitor.sees(visitor.answer, "Look")
        await visitor.finished()
        await expect(strange).to_have_count(0)
        assert await visitor.page.evaluate("window.hacked") is None, attack
        await visitor.page.get_by_role("button", name="Close the thread").click()
    assert len(visitor.answers) == len(ATTACKS)
    assert all(url.startswith(visitor.url) for url in requested)


async def test_hostile_files(visitor: Visitor) -> None:
    """SVG and HTML files are downloaded, not shown."""
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>opener.hacked=1</script></svg>"
    await visitor.page.locator("#middle input[type=file]").set_input_files(
        [
            FilePayload(
                name="<img src=x onerror=window.hacked=1>.svg",
                mimeType="image/svg+xml",
                buffer=script,
            ),
            FilePayload(name="a.html", mimeType="text/html", buffer=b"<script>hacked=1</script>"),
        ]
    )
    await visitor.say("look")
    cards = visitor.middle.last.locator(".file-card")
    await expect(cards).to_have_count(2)
    for number in range(2):
        async with visitor.page.expect_download():
            await cards.nth(number).click()
    assert await visitor.page.evaluate("window.hacked") is None


async def test_inline_code_is_refused_by_the_policy(visitor: Visitor) -> None:
    """The page's policy stops the browser from running injected code."""
    ran = await visitor.page.evaluate(
        """() => {
            const script = document.createElement("script");
            try { script.textContent = "window.hacked = 1"; } catch { return "refused"; }
            document.body.append(script);
            return window.hacked ? "ran" : "refused";
        }"""
    )
    assert ran == "refused"
    written = await visitor.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>'; return 'written'; } catch { return ''; } }"
    )
    assert written == ""
    visitor.errors.clear()  # the browser logs what it refuses
