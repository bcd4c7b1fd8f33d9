#!/usr/bin/env python3
"""Uses the page of `ltr serve` in a headless Chromium as a person does: types, submits, reads the order.

    Scripts/page.py PROGRAM MODEL

Needs Debian's chromium and chromium-driver; without them it says SKIPPED and ends with 0.
"""

import json
import shutil
import subprocess
import sys
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
                            "--disable-gpu"]}
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


def rows(browser):
    return browser.run(
        "return [...document.querySelectorAll('#rows tr')].map(row =>"
        " [...row.cells].map(cell => cell.innerText.trim()))")


def try_page(url, browser):
    passages = PASSAGES
    expected = ask(url, passages)
    if [result["index"] for result in expected] == list(range(len(passages))):
        passages = passages[::-1]
        expected = ask(url, passages)
    order = [result["index"] for result in expected]

    browser.call("POST", "/url", {"url": url + "/"})
    check(browser.run("return document.querySelector('#results').hidden"), "a table before a query")
    # The keyboard alone: into the query, on to the passages, Enter on the button.
    browser.type("#query", QUERY)
    browser.type("#passages", "\n\n".join(passages))
    browser.call("POST", f"/element/{browser.find('#submit')}/value", {"text": "\ue007"})
    browser.wait("return !document.querySelector('#results').hidden", "no result appears")
    found = rows(browser)
    check(len(found) == len(passages), f"{len(found)} rows")
    for place, (row, result) in enumerate(zip(found, expected)):
        index = result["index"]
        moved = index - place
        arrow = f"↑ {moved}" if moved > 0 else f"↓ {-moved}" if moved < 0 else "="
        check(row[0] == str(place + 1), f"place {row[0]}")
        check(row[1] == f"{index + 1} {arrow}", f"before: {row[1]}, not {index + 1} {arrow}")
        check(abs(float(row[2].split()[0]) - result["relevance_score"]) < 6e-5, f"score {row[2]}")
        check(row[3] == passages[index], f"the text {row[3]!r} is not as it was typed")
    check(order != list(range(len(passages))), "the order does not change")
    status = browser.run("return document.querySelector('#status').textContent")
    check(f"{len(passages)} passages" in status, f"status {status!r}")

    # A line a passage.
    browser.click("input[value=line]")
    browser.type("#passages", "\n".join(text.replace("\n", " ") for text in passages[:3]))
    browser.click("#submit")
    browser.wait("return document.querySelectorAll('#rows tr').length === 3", "no three lines")

    # The page shows why the server refuses a request.
    browser.type("#query", "   ")
    browser.click("#submit")
    browser.wait(
        "return document.querySelector('#status').textContent.includes(\"'query' is empty\")",
        "the reason of a refusal is not told")
    check(browser.run("return document.querySelector('#results').hidden"), "a table after a refusal")

    # Every field has a name for those who do not see it.
    unnamed = browser.run(
        "return [...document.querySelectorAll('input, textarea')].filter("
        "field => field.labels.length === 0).length")
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
    print("the page: typed, submitted, read in a new order; everything as it should be")


if __name__ == "__main__":
    main()
