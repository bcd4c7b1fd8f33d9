import Autodiff
public import Diagnostics
public import Models
import Tokenization

extension CrossEncoder {
  /// Loads a model from a directory or archive. A missing score head is initialised with `seed`. Where
  /// the model has a single token type, all tokens of a pair have it, whatever its tokenizer says.
  ///
  /// - Parameters:
  ///   - use: how a head with several labels, or of another kind, is treated.
  ///   - exits: the early exits that the model gets.
  /// - Throws: `Failure` for missing or invalid files, for tensors that are missing, not finite,
  ///   unknown to this model or of a shape other than the configuration's, and, if the model is to
  ///   score, for a head that gives no score.
  public init(
    _ source: ModelSource, seed: UInt64, for use: HeadUse = .base, exits: ExitUse = .stored
  ) throws(Failure) {
    try self.init(source, seed: seed, for: use, exits: exits, adapting: nil)
  }

  /// The same, with adapters to train.
  init(
    _ source: ModelSource, seed: UInt64, for use: HeadUse, exits: ExitUse = .none,
    adapting: (plan: AdapterPlan, place: (_ key: String) -> Place)?
  ) throws(Failure) {
    var source = source
    var sidecar: ModelSidecar { source.sidecar }
    var architecture = try sidecar.architecture()
    if let dropout = source.dropout { architecture.replaceDropout(by: dropout) }
    let head = try sidecar.modularHead()
    if let head {
      architecture.adopt(head)
      guard head.inputs == architecture.blueprint.hiddenSize else {
        throw Failure(
          .badData,
          "the modules after the encoder read \(head.inputs) columns, the encoder gives"
            + " \(architecture.blueprint.hiddenSize)",
          at: Place(sidecar.place, key: "hidden_size"), expected: "\(head.inputs)",
          remedy: "use the encoder and the modules of the same model")
      }
    }
    let blueprint = CrossEncoderLayers.blueprint(architecture, head: head)
    var tokenizer = try sidecar.tokenizer()
    var notices: [String] = []
    if blueprint.embeddings.types?.rows == 1, tokenizer.pairTypes.contains(where: { $0 != 0 }) {
      source = try source.withTokenTypes(1)
      tokenizer = try sidecar.tokenizer()
      notices.append(
        "the tokenizer has several token types and the model has one, which all tokens get")
    }
    try sidecar.check(tokenizer, with: blueprint)
    var table = ParameterTable()
    var layers = CrossEncoderLayers(architecture, head: head, in: &table)
    var adapted = table
    let plan = try source.exits(exits, of: blueprint)
    if let plan { layers.add(plan, in: &adapted) }
    source.sidecar.files[ExitPlan.fileName] = try plan.map { (plan) throws(Failure) in
      Array(try plan.json().utf8)
    }
    if let (plan, place) = adapting {
      plan.add(try plan.modules(of: blueprint, at: place), to: &adapted, of: blueprint)
    }
    let loaded = try source.load(
      table, of: blueprint, head: use, seed: seed,
      adapted: adapting == nil && plan == nil ? nil : adapted)
    let copied = try source.fillExits(of: loaded.parameters, exits)
    if let (plan, _) = adapting {
      let digest = loaded.parameters.digest(ofBase: table, of: blueprint)
      let configuration = AdapterConfiguration(plan, baseDigest: digest)
      source.sidecar.files[AdapterConfiguration.fileName] = Array(try configuration.json().utf8)
    }
    notices += [try sidecar.notice()].compactMap { $0 } + loaded.notices
    self.init(
      layers, loaded.parameters, tokenizer: tokenizer, sidecar: sidecar, fresh: loaded.fresh,
      labels: loaded.labels.flatMap { $0.names.count > 1 ? ($0.names, $0.scoring) : nil },
      notices: notices, exits: plan, newExitParameters: copied)
  }
}

extension ModelSidecar {
  /// - Throws: `badData` if the tokenizer has ids that the token embeddings lack, or if a `vocab.txt`
  ///   lacks more tokens than tables are padded by: unlike other files, a truncated one can be read.
  func check(_ tokenizer: Tokenizer, with blueprint: Blueprint) throws(Failure) {
    let (tokens, rows) = (tokenizer.vocabularySize, blueprint.vocabularySize)
    let found = "the tokenizer has \(tokens) tokens, the model \(rows)"
    guard tokens <= rows else {
      throw Failure(
        .badData, found, at: Place(place, key: "vocab_size"),
        expected: "a vocab_size of config.json of at least \(tokens)",
        remedy: "use the tokenizer and weights of the same model")
    }
    guard tokenizer.isWordPiece, files["tokenizer.json"] == nil, files["vocab.txt"] != nil,
      tokens < rows - rows / 10
    else {
      return
    }
    throw Failure(
      .badData, found, at: Place(name(of: "vocab.txt")),
      expected: "a token for each row of the table",
      remedy: "download vocab.txt again; it may be truncated, or of another model")
  }
}
