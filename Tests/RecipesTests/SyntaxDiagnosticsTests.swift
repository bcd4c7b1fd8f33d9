import Recipes
import Testing

/// Every message about a file, whole: `error | at | expected | to do`.
@Suite struct SyntaxDiagnosticsTests {
  static let texts: [(String, String)] = [
    (
      "",
      "error: the file is empty | at: r.yaml | expected: a recipe | to do: 'ltr init' "
        + "writes one to start from"
    ),
    (
      "# nothing\n",
      "error: the file is empty | at: r.yaml | expected: a recipe | to do: 'ltr init' "
        + "writes one to start from"
    ),
    (
      "model: [a\noutput: o\n",
      "error: the file is not YAML: did not find expected ',' or ']' while parsing a flow "
        + "sequence | at: r.yaml:2:7 | to do: look for a missing space after ':', a bracket or "
        + "quote left open, or indentation that differs"
    ),
    (
      "model:\n\tbase: m\n",
      "error: tabs are not allowed in indentation | at: r.yaml:2:1 | expected: indentation "
        + "with spaces | to do: replace the tab by spaces"
    ),
    (
      "model: { base: m }\nmodel: { base: n }\n",
      "error: the key 'model' occurs twice | at: r.yaml:2:1, key 'model' | expected: "
        + "every key once; the first is in line 1 | to do: remove one of the two"
    ),
    (
      "model: { base: m, base: n }\n",
      "error: the key 'base' occurs twice | at: r.yaml:1:10, key 'base' | expected: "
        + "every key once | to do: remove one of the two"
    ),
    (
      "model: a: b\n",
      "error: the file is not YAML: mapping values are not allowed in this context | at: "
        + "r.yaml:1:9 | to do: look for a missing space after ':', a bracket or quote left "
        + "open, or indentation that differs"
    ),
    (
      "a\u{1}b",
      "error: the file is not YAML: control characters are not allowed | at: r.yaml:1:2 | "
        + "expected: text in UTF-8 without control characters"
    ),
    (
      "a: 1\n---\nb: 2\n",
      "error: the file holds more than one document | at: r.yaml:2:1 | expected: one "
        + "recipe | to do: remove the line '---'"
    ),
    (
      "just a text",
      "error: expected keys, found 'just a text' | at: r.yaml:1:1 | expected: "
        + "some of model, data, warm_up, loss, optimizer, training, fusion, evaluation, sweep, output, "
        + "extends | to do: write 'key: value' lines below each other, or { key: value, … }"
    ),
    (
      "[a]: 1\n",
      "error: a key is not a word | at: r.yaml:1:1 | expected: a name"
    ),
    (
      "a: *b\n",
      "error: an alias refers to an undefined anchor | at: r.yaml:1:4 | expected: '*name' after "
        + "'&name' | to do: put a text that begins with '*' in quotes"
    ),
    (
      "modle: { base: m }\n",
      "error: unknown key 'modle' | at: r.yaml:1:1, key 'modle' | expected: one of model, "
        + "data, warm_up, loss, optimizer, training, fusion, evaluation, sweep, output, extends "
        + "| to do: write 'model'"
    ),
    (
      "xyzzy: 1\n",
      "error: unknown key 'xyzzy' | at: r.yaml:1:1, key 'xyzzy' | expected: one of model, "
        + "data, warm_up, loss, optimizer, training, fusion, evaluation, sweep, output, extends"
    ),
    (
      "data: { train: { collection: c } }\noutput: o\n",
      "error: the key 'model' is missing | at: r.yaml:1:1 | expected: a section with the "
        + "base of the model | to do: add 'model'"
    ),
    (
      "model: { base: m }\noutput: o\n",
      "error: the key 'data' is missing | at: r.yaml:1:1 | expected: a section with the "
        + "data to train on | to do: add 'data'"
    ),
    (
      "model: { base: m }\ndata: { train: { collection: c } }\n",
      "error: the key 'output' is missing | at: r.yaml:1:1 | expected: the folder the run "
        + "writes | to do: add 'output'"
    ),
    (
      "model: { max_length: 9 }\n",
      "error: the key 'model.base' is missing | at: r.yaml:1:8, key 'model' | expected: "
        + "the path of a pretrained model | to do: add 'base'"
    ),
    (
      "model: m\n",
      "error: expected keys, found 'm' | at: r.yaml:1:8, key 'model' | expected: "
        + "some of base, weights, layers, label, max_length, dropout, token_types, prompt, instruction, answers, "
        + "freeze, lora, exits | to do: write 'key: value' lines below each other, or { key: value, … }"
    ),
    (
      "model:\ndata: {}\n",
      "error: the key 'model' has no value | at: r.yaml:1:1, key 'model' | expected: a "
        + "section with the base of the model"
    ),
    (
      "model: { base: [m] }\n",
      "error: 'base' cannot be a list | at: r.yaml:1:16, key 'model.base' | expected: a "
        + "path"
    ),
    (
      "model: { base: m }\ndata: { dev: { collection: c } }\n",
      "error: the key 'data.train' is missing | at: r.yaml:2:7, key 'data' | expected: a "
        + "collection, as in { collection: Data/helpdesk } | to do: add 'train'"
    ),
    (
      "model: { base: m }\ndata:\n  train: { split: t }\n",
      "error: the key 'data.train.collection' is missing | at: r.yaml:3:10, key "
        + "'data.train' | expected: the path of a collection, or 'lists' in its place | to do: add "
        + "'collection'"
    ),
  ]

  @Test(arguments: texts) func saysWhatIsWrongWithAFile(text: String, message: String) {
    let found = said(text)
    #expect(found == message)
  }

  @Test func refusesAFewAnchorsThatStandForTooMuch() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let item = "*a\(level - 1)"
      let items = [String](repeating: item, count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(items)]\n"
    }
    #expect(said(text).hasPrefix("error: the file is too large for a recipe"))
  }
}
