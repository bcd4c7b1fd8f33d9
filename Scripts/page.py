#!/usr/bin/env python3
"""Uses the page of `ltr serve` in a headless Chromium as a person does: types, submits, reads the order.

    Scripts/page.py PROGRAM MODEL

Needs Debian's chromium and chromium-driver; without them it says SKIPPED and ends with 0.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

QUERY = "deleted the wrong folder"
PASSAGES = [
    "Share a folder with somebody by its link.",
    "Change the colour of the menu in the settings.",
    "Restore a deleted file or folder:\nopen the trash and choose Restore.",
    "Print a page on both sides of the paper.",
    "<b>Invoices</b> are sent at the end of every month & can be downloaded.",
]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    """One browser, spoken to by the WebDriver protocol."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                            "--disable-gpu", "--force-prefers-reduced-motion"]}
        answer = self.call("POST", "/session", {
            "capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.base += "/session/" + answer["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"FAILED: the browser says {error.read().decode()}")

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def type(self, selector, text):
        element = self.find(selector)
        self.call("POST", f"/element/{element}/clear", {})
        self.call("POST", f"/element/{element}/value", {"text": text})

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click", {})

    def resize(self, width):
        # The window is as narrow as it is told to be only by the protocol of the developer tools.
        self.call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}})

    def run(self, script):
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def wait(self, script, what):
        for _ in range(200):
            if self.run(script):
                return
            time.sleep(0.05)
        sys.exit(f"FAILED: {what}: {self.run('return document.body.innerText')}")


def check(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")


def ask(url, passages):
    body = json.dumps({"query": QUERY, "documents": passages}).encode()
    request = urllib.request.Request(
        url + "/v2/rerank", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["results"]


def cards(browser, order):
    """The cards of an order: place, movement, score and text of each."""
    return browser.run(
        f"return [...document.querySelectorAll('#{order} .card')].map(card => ["
        "card.querySelector('.place').textContent, card.querySelector('.head button').textContent,"
        " card.querySelector('.score').childNodes[1].textContent,"
        " card.querySelector('.text').textContent])")


def try_page(url, browser):
    passages = PASSAGES
    expected = ask(url, passages)
    if [result["index"] for result in expected] == list(range(len(passages))):
        passages = passages[::-1]
        expected = ask(url, passages)
    order = [result["index"] for result in expected]

    browser.call("POST", "/url", {"url": url + "/"})
    check(browser.run("return document.querySelector('#results').hidden"), "results before a query")
    # The keyboard alone: into the query, on to the passages, Enter on the button.
    browser.type("#query", QUERY)
    browser.type("#passages", "\n\n".join(passages))
    browser.call("POST", f"/element/{browser.find('#submit')}/value", {"text": "\ue007"})
    browser.wait("return !document.querySelector('#results').hidden", "no result appears")
    found = cards(browser, "after")
    check(len(found) == len(passages), f"{len(found)} cards")
    for place, (card, result) in enumerate(zip(found, expected)):
        index = result["index"]
        moved = index - place
        arrow = f"↑ {moved}" if moved > 0 else f"↓ {-moved}" if moved < 0 else "="
        check(card[0] == str(place + 1), f"place {card[0]}")
        check(card[1] == arrow, f"moved {card[1]}, not {arrow}")
        check(abs(float(card[2]) - result["relevance_score"]) < 6e-5, f"score {card[2]}")
        check(card[3] == passages[index], f"the text {card[3]!r} is not as it was typed")
    check(order != list(range(len(passages))), "the order does not change")
    check([card[3] for card in cards(browser, "before")] == passages, "the old order is not that of the input")
    status = browser.run("return document.querySelector('#status').textContent")
    check(f"{len(passages)} passages" in status, f"status {status!r}")

    # Both orders beside each other where there is room, and one of them on a phone.
    displays = ("return ['after', 'before'].map(id =>"
                " getComputedStyle(document.getElementById(id)).display !== 'none')")
    check(browser.run(displays) == [True, True], "an order is missing on a wide screen")
    browser.resize(390)
    check(browser.run(displays) == [True, False], "both orders on a narrow screen")
    browser.click("#after .card .head button")
    check(browser.run(displays) == [False, True], "a card does not lead to the other order")
    focused = browser.run("return document.activeElement.id")
    check(focused == f"before-{order[0]}", f"the focus is on {focused!r}")
    width = browser.run("return document.documentElement.scrollWidth - innerWidth")
    check(width <= 0, f"{width} pixels wider than a phone")
    browser.resize(1280)

    # A line a passage; a long one is folded and unfolded, and told as truncated.
    long = "Restore what was deleted from the trash. " * 40
    browser.click("input[value=line]")
    browser.type("#passages", "\n".join(["Print on both sides.", long, "Change the colour."]))
    browser.click("#submit")
    count = "return document.querySelectorAll('#after .card').length"
    browser.wait(count + " === 3", "no three lines")
    check(browser.run("return document.querySelectorAll('#after .note').length") == 1,
          "the truncated passage does not say so")
    unfold = "return [...document.querySelectorAll('#after .card > button')].filter(b => !b.hidden)"
    check(browser.run(unfold + ".length") == 1, "one of three passages is folded")
    expanded = browser.run(unfold + ".map(b => { b.click();"
                           " return [b.getAttribute('aria-expanded'), b.textContent] })[0]")
    check(expanded == ["true", "Show less"], f"unfolding says {expanded}")

    # A file of JSONL is recognised.
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(json.dumps({"_id": "a", "title": "Trash", "text": "Restore a folder."}) + "\n"
                   + json.dumps("Print a page.") + "\n")
        file.flush()
        browser.call("POST", f"/element/{browser.find('#file')}/value", {"text": file.name})
        browser.wait("return document.querySelector('#status').textContent.includes('2 passages')",
                     "the file is not read")
    check(browser.run("return document.querySelector('input[value=json]').checked"), "not JSONL")
    browser.click("#submit")
    browser.wait(count + " === 2", "no two passages of the file")
    texts = {card[3] for card in cards(browser, "after")}
    check(texts == {"Trash Restore a folder.", "Print a page."}, f"texts {texts}")

    # A mistake is told, with the focus where it can be mended.
    for field, text, reason in [
        ("#passages", '{"text": "a"}\n{"words": "b"}', "line 2: expected a string"),
        ("#passages", '{"text": "a"}\n{"text', "line 2 is not JSON"),
        ("#passages", " ", "at least one passage"),
        ("#query", "   ", "Type a query"),
    ]:
        browser.type(field, text)
        browser.click("#submit")
        browser.wait("return document.querySelector('#status').textContent.includes("
                     f"{json.dumps(reason)})", f"{reason!r} is not told")
        focused = browser.run("return '#' + document.activeElement.id")
        check(focused == field, f"the focus is on {focused}")
        check(browser.run("return document.querySelector('#results').hidden"),
              "results after a mistake")

    # The page shows why the server refuses a request.
    browser.type("#query", QUERY)
    browser.type("#passages", '"a"')
    browser.run("document.querySelector('#passages').value = JSON.stringify(['x'.repeat(2 << 20)])")
    browser.click("#submit")
    browser.wait(
        "return document.querySelector('#status').textContent.startsWith('Reranking failed: ')"
        " && document.querySelector('#status').textContent.includes('documents[0]')",
        "the reason of a refusal is not told")

    # Every field and button has a name for those who do not see it.
    unnamed = browser.run(
        "return [...document.querySelectorAll('input, textarea, button')].filter(field =>"
        " !(field.labels && field.labels.length) && !field.getAttribute('aria-label')"
        " && !field.textContent && field.id !== 'rest').length")
    check(unnamed == 0, f"{unnamed} fields have no label")
    check(browser.run("return document.documentElement.lang") == "en", "no language")


def main():
    program, model = sys.argv[1:3]
    driver = shutil.which("chromedriver")
    if driver is None or not (shutil.which("chromium") or shutil.which("chromium-browser")):
        print("SKIPPED: the page is tried in chromium, which is not there: "
              "apt install chromium chromium-driver", file=sys.stderr)
        return
    server = subprocess.Popen(
        [program, "serve", "--model", model, "--port", "0", "--max-length", "64"],
        stdout=subprocess.PIPE, text=True)
    chrome = None
    try:
        url = server.stdout.readline().split()[-1]
        chrome = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True)
        port = next(
            line.rstrip(".\n").split()[-1] for line in chrome.stdout if "on port" in line
            and "successfully" in line)
        browser = Driver(port)
        try:
            try_page(url, browser)
        finally:
            browser.call("DELETE", "")
    finally:
        if chrome:
            chrome.terminate()
            chrome.wait()
        server.terminate()
        code = server.wait(timeout=30)
    check(code == 0, f"the server ended with {code}")
    print("the page: typed, dropped, submitted, read in both orders; everything as it should be")


if __name__ == "__main__":
    main()
