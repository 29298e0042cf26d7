"""Our service worker in Chromium: what is pushed is shown as a notification, told to open pages, and leads to its page.

The push itself comes by the browser's devtools: the way over a browser maker's service is not ours to test.
"""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from reorder.domain.messaging.channels.base import Outgoing
from reorder.domain.messaging.channels.web_push.channel import shown_of
from tests.factories.http_peer import QuietHandler, http_peer

WORKER = Path(__file__).parents[2] / "src/reorder/web/static/reorder/push-worker.js"
_READ = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.getNotifications()).map((one) => ({title: one.title, body: one.body, tag: one.tag, url: one.data.url}));
}"""


class _Pages(QuietHandler):
    def do_GET(self) -> None:  # noqa: N802 - http.server asks for this name
        is_script = self.path.endswith(".js")
        page = b"<!doctype html><html lang=en><title>Keelung Tea</title>"
        kind = {"content-type": "text/javascript" if is_script else "text/html"}
        self.say(status=200, body=WORKER.read_bytes() if is_script else page, headers=kind)


def test_a_pushed_message_is_shown_told_to_the_page_and_replaces_itself(browser: Browser) -> None:
    with http_peer(_Pages) as port:
        base = f"http://127.0.0.1:{port}"
        context = browser.new_context()
        context.grant_permissions(["notifications"], origin=base)
        page = context.new_page()
        page.goto(f"{base}/shop/")
        devtools = context.new_cdp_session(page)
        registered: list[dict[str, Any]] = []
        devtools.on("ServiceWorker.workerRegistrationUpdated", lambda said: registered.extend(said["registrations"]))
        devtools.send("ServiceWorker.enable")
        page.evaluate(
            """async () => {
              window.told = [];
              navigator.serviceWorker.addEventListener("message", (event) => window.told.push(event.data));
              await navigator.serviceWorker.register("/shop/push-worker.js", {scope: "/shop/"});
              await navigator.serviceWorker.ready;
            }"""
        )
        number = next(one["registrationId"] for one in registered if one["scopeURL"].endswith("/shop/"))

        def push(content: str) -> None:
            told = page.evaluate("window.told.length")
            words = {"origin": base, "registrationId": number, "data": content}
            devtools.send("ServiceWorker.deliverPushMessage", words)
            page.wait_for_function("(count) => window.told.length > count", arg=told)

        message = Outgoing(
            message_id="<letter-1@tea.example>",
            address="",
            subject="Oolong",
            text="Your Oolong comes to its end, Mei.",
            payload={"url": "/shop/again/mark/"},
        )
        shown = shown_of(outgoing=message)
        push(json.dumps(shown))
        push(json.dumps(shown))
        assert page.evaluate(_READ) == [
            {
                "title": "Oolong",
                "body": "Your Oolong comes to its end, Mei.",
                "tag": shown["tag"],
                "url": f"{base}/shop/again/mark/",
            }
        ]
        assert page.evaluate("window.told") == [{"kind": "notified", "tag": shown["tag"]}] * 2
        # What is no JSON is shown as it is, and what is no page of the web is not opened.
        push("Good morning")
        push(json.dumps({"title": "Bad", "url": "javascript:alert(1)", "tag": "bad"}))
        others = {one["title"]: one for one in page.evaluate(_READ) if one["title"] != "Oolong"}
        assert (others["…"]["body"], others["Bad"]["url"]) == ("Good morning", f"{base}/shop/")
        context.close()
