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

  /// The page of a server with a model.
  ///
  /// - Parameter takesInstruction: whether the model's prompt has a place for an instruction.
  static func html(_ model: ModelDescription, takesInstruction: Bool) -> String {
    let name = escaped(model.name)
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Rerank passages: \(name)</title>
      <style>
      \(style)
      </style>
      </head>
      <body>
      <main id="main" data-model="\(name)" data-tokens="\(model.maximumLength)" \
      data-documents="\(model.limits.documents)" data-bytes="\(model.limits.bodyBytes)">
      <h1>Rerank passages</h1>
      <p class="hint">Model <b>\(name)</b>, at most \(model.maximumLength) tokens for a query and a \
      passage together</p>
      \(form(takesInstruction: takesInstruction))
      <p id="status" role="status" aria-live="polite"></p>
      \(results)
      </main>
      <script>
      \(script)
      </script>
      </body>
      </html>

      """
  }

  /// A text as the content of an element or of an attribute in quotation marks.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func form(takesInstruction: Bool) -> String {
    let instruction = """
      <label for="instruction">Instruction</label>
      <input type="text" id="instruction" autocomplete="off" aria-describedby="instruction-hint">
      <p class="hint" id="instruction-hint">What makes a passage relevant; empty for that of the \
      model.</p>
      """
    return """
      <form id="form" novalidate>
      <label for="query">Query</label>
      <input type="text" id="query" autocomplete="off" enterkeyhint="go">
      <label for="passages">Passages</label>
      <div id="drop">
      <textarea id="passages" spellcheck="false" aria-describedby="passages-hint"></textarea>
      </div>
      <p class="hint" id="passages-hint">Paste passages, or drop a file: text, or JSONL with \
      <code>text</code>. <span id="count"></span></p>
      <fieldset>
      <legend>One passage is</legend>
      <label><input type="radio" name="split" value="paragraph" checked> a paragraph</label>
      <label><input type="radio" name="split" value="line"> a line</label>
      <label><input type="radio" name="split" value="json"> a line of JSON</label>
      </fieldset>
      \(takesInstruction ? instruction : "")
      <details id="access">
      <summary>Access token</summary>
      <label for="token">Token <span class="hint">only where the server asks for one</span></label>
      <input type="password" id="token" autocomplete="off">
      </details>
      <div class="actions">
      <button type="submit" id="submit">Rerank</button>
      <button type="button" id="open">Open a file</button>
      <button type="button" id="example">Try an example</button>
      <input type="file" id="file" accept=".txt,.md,.json,.jsonl,.ndjson,text/plain" \
      aria-label="File of passages" hidden>
      </div>
      </form>
      """
  }

  private static let results = """
    <section id="results" aria-labelledby="results-heading" hidden>
    <h2 id="results-heading">Result</h2>
    <dl id="facts"></dl>
    <fieldset class="switch">
    <legend>Show</legend>
    <label><input type="radio" name="order" value="after" checked> the new order</label>
    <label><input type="radio" name="order" value="before"> the old order</label>
    </fieldset>
    <div id="orders" class="after">
    <div id="after"><h3 id="after-heading">New order</h3>
    <ol role="list" aria-labelledby="after-heading"></ol></div>
    <div id="before"><h3 id="before-heading">Old order</h3>
    <ol role="list" aria-labelledby="before-heading"></ol></div>
    </div>
    <button type="button" id="rest" hidden></button>
    </section>
    """
}
