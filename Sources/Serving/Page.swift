/// The page for trying a query against passages: a single file, without external resources.
enum Page {
  /// The page's permissions in a browser: only requests to this server.
  static let headers = [
    (
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
  ]

  static let html = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Rerank passages</title>
    <style>
    :root { color-scheme: light dark; --edge: #8a8f98; --bar: #2563c9; --up: #14713a; --down: #a8321f; }
    @media (prefers-color-scheme: dark) { :root { --bar: #7aaeff; --up: #6fd394; --down: #ff9a8a; } }
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
    label { display: block; margin-top: 1rem; font-weight: 600; }
    .hint { font-weight: 400; opacity: .8; }
    input[type=text], input[type=password], textarea {
      width: 100%; box-sizing: border-box; font: inherit; padding: .5rem;
      border: 1px solid var(--edge); border-radius: .3rem; }
    textarea { min-height: 12rem; resize: vertical; }
    fieldset { border: 0; padding: 0; margin: .5rem 0 0; }
    fieldset label { display: inline; font-weight: 400; margin-right: 1rem; }
    button { font: inherit; font-weight: 600; margin-top: 1rem; padding: .5rem 1.2rem; }
    :focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
    table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
    caption { text-align: left; font-weight: 600; }
    th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
      border-bottom: 1px solid var(--edge); }
    .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
    .up { color: var(--up); } .down { color: var(--down); }
    meter { width: 5rem; }
    .text { overflow-wrap: anywhere; white-space: pre-line; }
    </style>
    </head>
    <body>
    <main>
    <h1>Rerank passages</h1>
    <form id="form">
    <label for="query">Query</label>
    <input type="text" id="query" required autocomplete="off">
    <label for="passages">Passages</label>
    <fieldset>
    <legend class="hint">One passage is</legend>
    <label><input type="radio" name="split" value="paragraph" checked> a paragraph</label>
    <label><input type="radio" name="split" value="line"> a line</label>
    </fieldset>
    <textarea id="passages" required aria-describedby="passages-hint"></textarea>
    <p class="hint" id="passages-hint">Paragraphs are divided by empty lines.</p>
    <details>
    <summary>Access token</summary>
    <label for="token">Token <span class="hint">only where the server asks for one</span></label>
    <input type="password" id="token" autocomplete="off">
    </details>
    <button type="submit" id="submit">Rerank</button>
    </form>
    <p id="status" role="status" aria-live="polite"></p>
    <table id="results" hidden>
    <caption id="caption"></caption>
    <thead><tr><th scope="col">Place</th><th scope="col">Before</th><th scope="col">Score</th>
    <th scope="col">Passage</th></tr></thead>
    <tbody id="rows"></tbody>
    </table>
    </main>
    <script>
    "use strict";
    const $ = id => document.getElementById(id);

    function cell(row, className, text) {
      const cell = row.insertCell();
      cell.className = className;
      cell.textContent = text;
      return cell;
    }

    function show(passages, results) {
      $("rows").replaceChildren();
      results.forEach((result, place) => {
        const row = $("rows").insertRow();
        const moved = result.index - place;
        cell(row, "number", place + 1);
        cell(row, "number " + (moved > 0 ? "up" : moved < 0 ? "down" : ""),
          (result.index + 1) + (moved > 0 ? " ↑ " + moved : moved < 0 ? " ↓ " + -moved : " ="));
        const score = cell(row, "number", result.relevance_score.toFixed(4) + " ");
        const meter = document.createElement("meter");
        meter.value = result.relevance_score;
        meter.setAttribute("aria-hidden", "true");
        score.append(meter);
        cell(row, "text", passages[result.index]);
      });
      $("results").hidden = false;
    }

    async function rerank() {
      const split = document.querySelector("input[name=split]:checked").value;
      const passages = $("passages").value.split(split === "line" ? /\n/ : /\n\s*\n/)
        .map(text => text.trim()).filter(text => text !== "");
      const headers = { "Content-Type": "application/json" };
      if ($("token").value !== "") headers.Authorization = "Bearer " + $("token").value;
      const start = performance.now();
      const response = await fetch("v2/rerank", {
        method: "POST", headers,
        body: JSON.stringify({ query: $("query").value, documents: passages })
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.message);
      const time = Math.round(performance.now() - start);
      const moved = answer.results.filter((result, place) => result.index !== place).length;
      $("caption").textContent = "New order";
      show(passages, answer.results);
      const warnings = (answer.meta.warnings || []).map(text => ". " + text).join("");
      $("status").textContent =
        passages.length + " passages, " + moved + " in another place, " + time + " ms" + warnings;
    }

    $("form").addEventListener("submit", async event => {
      event.preventDefault();
      $("submit").disabled = true;
      $("status").textContent = "Scoring …";
      try {
        await rerank();
      } catch (error) {
        $("results").hidden = true;
        $("status").textContent = "Reranking failed: " + error.message;
      }
      $("submit").disabled = false;
    });
    </script>
    </body>
    </html>

    """#
}
