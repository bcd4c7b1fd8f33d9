import ArgumentParser
import Diagnostics
import Inference
import ModelFiles
import Models
import Tables
import Tokenization

/// `ltr tokenize`.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the tokens of a query and a text.")

  @OptionGroup var model: ModelOption

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The query.", valueName: "text"))
  var query: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The document's text.", valueName: "text"))
  var text: String

  @OptionGroup var length: LengthOption

  @OptionGroup var prompt: PromptOptions

  @Flag(help: "Print JSON: input_ids and token_type_ids.")
  var json = false

  func run() throws {
    let source = try ModelSource(model.model).with(prompt.choice, .usage) { Place("--\($0)") }
    let sidecar = source.sidecar
    let tokenizer = try sidecar.tokenizer()
    let positions = try sidecar.architecture().blueprint.maximumPositions
    let maximum = try pairLength(
      length.maxLength, tokenizer: tokenizer, positions: positions,
      try ModelNotes(of: source).maximumLength(for: sidecar, positions: positions), model.model)
    let pair = tokenizer.encodePair(
      query: tokenizer.tokenize(query, as: .query), text: tokenizer.tokenize(text, as: .document),
      maxLength: maximum)
    if json {
      try Terminal.write([
        "input_ids": .list(pair.ids.map { .whole(Int($0)) }),
        "token_type_ids": .list(pair.typeIDs.map { .whole(Int($0)) }),
      ])
    } else {
      let rows = zip(pair.ids, pair.typeIDs).map { id, type in
        [tokenizer.token(of: id) ?? "", "\(id)", "\(type)"]
      }
      try Terminal.write(alignedColumns([["token", "id", "type"]] + rows))
    }
  }
}
