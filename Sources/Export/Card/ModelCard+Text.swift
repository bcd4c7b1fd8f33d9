public import Diagnostics
import JSON

extension ModelCard {
  /// The card as Markdown with front matter, in Hugging Face's format. Unknown facts have no
  /// section.
  ///
  /// - Throws: `software` if the licence cannot be written as JSON.
  public func text() throws(Failure) -> String {
    let parts = [
      try frontMatter, introduction, resultsSection, Self.section("Data", data),
      Self.section("Training", training), useSection, scoresSection, loadingSection,
    ]
    return parts.joined() + "\nWritten by ltr \(Program.version).\n"
  }

  private var frontMatter: String {
    get throws(Failure) {
      """
      ---
      license: \(try JSONValue.text(license ?? "unknown").json())
      library_name: sentence-transformers
      pipeline_tag: text-ranking
      tags:
        - sentence-transformers
        - cross-encoder
        - reranker
        - text-ranking
        - ltr
      ---

      """
    }
  }

  private var introduction: String {
    var text = """

      # \(Self.plain(name))

      A cross-encoder: it encodes a query and a text together and returns one score; the more
      relevant the text is to the query, the higher the score. It reranks the first hundred or so
      results of a search.

      """
    if let base { text += "It was fine-tuned from \(Self.plain(base)).\n" }
    if let warning {
      text += "\n> **Do not serve this model as it is:** \(Self.plain(warning)).\n"
    }
    let licences = [
      Line("licence", license ?? "unknown"),
      Line("licence of the base model", baseLicense ?? "unknown"),
    ]
    return text + Self.table(model + licences)
  }

  private var resultsSection: String {
    if results.isEmpty { return "" }
    var text = """

      ## Results

      The first-stage candidates in several orders. The model was selected on the development
      queries, so their values are slightly optimistic.

      """
    let hasIntervals = results.contains { table in
      table.rows.contains { row in row.values.contains { $0.contains("[") } }
    }
    if hasIntervals {
      text += """
        Brackets hold 95 % bootstrap confidence intervals over queries; the last rows are paired gains
        over the first stage.

        """
    }
    for table in results {
      let header = [""] + table.measures.map(Self.plain)
      let rows = table.rows.map { [Self.plain($0.name)] + $0.values.map(Self.plain) }
      text += "\n### \(Self.plain(table.title))\n\n"
      text += ([header, header.map { _ in "---" }] + rows).map(Self.row).joined()
    }
    return text
  }

  private var useSection: String {
    """

    ## Intended use

    Reranking the results of a search (BM25, embeddings, or both) for a query, in the language and
    domain of the training data. Scores compare texts for one query; they are not comparable
    across queries.

    ## Limits

    - A pair has at most \(maximumLength) tokens, special tokens included; longer texts are
      truncated at their end.
    - It reorders the results of a first stage and retrieves nothing itself.
    - It inherits errors and biases of the judgments and the base model. Evaluate it on your own
      queries before you rely on it.

    """
  }

  private var scoresSection: String {
    let meaning =
      isCalibrated
      ? """
      The raw score includes the calibration below: its sigmoid estimates the probability of
      relevance, for candidates like those it was fitted on. The configuration asks for that sigmoid.
      """ : "Scores are raw logits, of any size and sign. A sigmoid keeps their order."
    return "\n## Scores\n\n\(meaning)\n" + (calibration.isEmpty ? "" : Self.table(calibration))
  }

  // MARK: Markdown

  private static func section(_ title: String, _ lines: [Line]) -> String {
    lines.isEmpty ? "" : "\n## \(title)\n" + table(lines)
  }

  /// Names and values as a table without headings, after an empty line.
  private static func table(_ lines: [Line]) -> String {
    "\n| | |\n| --- | --- |\n" + lines.map { row([plain($0.name), plain($0.value)]) }.joined()
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |\n"
  }

  /// A text on one line, with Markdown's special characters escaped.
  private static func plain(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ").reduce(into: "") {
      $0 += "\\`*<>|".contains($1) ? "\\\($1)" : String($1)
    }
  }
}
