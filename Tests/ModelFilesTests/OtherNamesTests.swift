import Autodiff
import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Testing

/// Weight files of a family that calls its tensors otherwise than the models that tests write: what
/// files may hold, the blueprint says.
@Suite struct OtherNamesTests {
  /// The family's head is its own, and its scores do not read the pooler that files have.
  private struct Family: Architecture {
    static let modelTypes = ["other"]
    static let name = "other"
    static let examples = "none"
    static let classPrefix = "Other"

    var blueprint: Blueprint
    var exported: ExportedFamily {
      ExportedFamily(members: [:], className: "Other", llamaName: nil)
    }

    init(_ keys: ConfigurationKeys) throws(Failure) { blueprint = try BERT(keys).blueprint }
    init(_ blueprint: Blueprint) { self.blueprint = blueprint }

    static func check(_ keys: ConfigurationKeys) throws(Failure) {}
    static func notice(_ keys: ConfigurationKeys) -> String? { nil }
    mutating func replaceDropout(by rate: Float) {}
    mutating func keep(layers: [Int]) {}
  }

  private let width = 8

  /// The blueprint of the small model with the head of the family.
  private func family(_ source: ModelSource, unusedParts: [String]) throws -> Family {
    var blueprint = try source.sidecar.architecture().blueprint
    blueprint.names.unusedParts = unusedParts
    blueprint.names.pretrainingHeads = ["lm_head"]
    blueprint.head = [
      .dropout, .dense(DenseBlueprint("classifier.dense", from: width, to: width)), .tanh,
      .norm(NormBlueprint("classifier.norm", epsilon: 1e-5)),
      .dense(DenseBlueprint("classifier.out_proj", from: width, to: 1)),
    ]
    return Family(blueprint)
  }

  private func load(
    _ model: TinyModel, unusedParts: [String] = ["pooler."], for use: HeadUse = .base
  ) throws -> LoadedWeights {
    let source = try ModelSource(model.written())
    let family = try family(source, unusedParts: unusedParts)
    var table = ParameterTable()
    _ = CrossEncoderLayers(family, in: &table)
    return try source.load(table, of: family.blueprint, head: use, seed: 1)
  }

  private func written(withHead hasHead: Bool) -> TinyModel {
    var model = TinyModel(width: width, layers: 1, heads: 2, inner: 8, positions: 8)
    for name in ["classifier.weight", "classifier.bias"] { model.tensors[name] = nil }
    guard hasHead else { return model }
    func values(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 8 } }
    model.tensors["classifier.dense.weight"] = .init(
      shape: [width, width], values: values(width * width))
    for name in ["dense.bias", "norm.weight", "norm.bias"] {
      model.tensors["classifier." + name] = .init(shape: [width], values: values(width))
    }
    model.tensors["classifier.out_proj.weight"] = .init(shape: [1, width], values: values(width))
    model.tensors["classifier.out_proj.bias"] = .init(shape: [1], values: [3])
    return model
  }

  @Test(arguments: [HeadUse.base, .scoring(label: nil)])
  func headOfItsOwn(_ use: HeadUse) throws {
    let model = written(withHead: true)
    let loaded = try load(model, for: use)
    #expect(loaded.fresh.isEmpty && loaded.notices.isEmpty)
    for entry in loaded.parameters.table.entries {
      #expect(loaded.parameters.array(of: entry.parameter) == model.tensors[entry.name]?.values)
    }
    let failure = #expect(throws: Failure.self) { try load(model, unusedParts: [], for: use) }
    #expect(failure?.problem == "the tensor 'bert.pooler.dense.bias' is not part of this model")
  }

  /// A new norm passes on what it normalizes.
  @Test func newHead() throws {
    let loaded = try load(written(withHead: false))
    let parameters = loaded.parameters
    let names = ["dense", "norm", "out_proj"].flatMap {
      ["classifier.\($0).weight", "classifier.\($0).bias"]
    }
    #expect(loaded.fresh == Set(names))
    let weight = try #require(parameters.table["classifier.norm.weight"])
    #expect(parameters.array(of: weight) == [Float](repeating: 1, count: width))
    let bias = try #require(parameters.table["classifier.norm.bias"])
    #expect(parameters.array(of: bias) == [Float](repeating: 0, count: width))
    let dense = try #require(parameters.table["classifier.dense.weight"])
    #expect(Set(parameters.array(of: dense)).count > width)
  }

  /// Files of a bare encoder, without its prefix: what is left beside it is no head.
  @Test func bareEncoder() throws {
    var model = written(withHead: false)
    model.tensors = Dictionary(
      uniqueKeysWithValues: model.tensors.map { (String($0.key.dropFirst(5)), $0.value) })
    model.tensors["lm_head.bias"] = .init(shape: [2], values: [0, 1])
    let loaded = try load(model, for: .scoring(label: nil))
    #expect(loaded.fresh.count == 6)
    #expect(!loaded.notices.contains { $0.contains("pooler") })
    #expect(loaded.notices.contains { $0.hasPrefix("the head 'lm_head' of the model is not used") })
    // What another family calls its head of pretraining is a head of some task here.
    model.tensors["cls.bias"] = .init(shape: [2], values: [0, 1])
    let failure = #expect(throws: Failure.self) { try load(model, for: .scoring(label: nil)) }
    #expect(
      failure?.problem.hasPrefix("the model has no score head; it has the head 'cls'") == true)
  }

  /// A calibration goes into the layer that gives the score, whatever its name.
  @Test(arguments: [true, false])
  func calibration(hasBias: Bool) throws {
    let source = try ModelSource(written(withHead: true).written())
    var family = try family(source, unusedParts: ["pooler."])
    family.blueprint.head[4] = .dense(
      DenseBlueprint("classifier.out_proj", from: width, to: 1, hasBias: hasBias))
    var table = ParameterTable()
    let layers = CrossEncoderLayers(family, in: &table)
    let model = CrossEncoder(
      layers, Parameters(table), tokenizer: try source.sidecar.tokenizer(),
      sidecar: source.sidecar)
    let calibration = CalibrationFile(slope: 0.5, intercept: 3, of: model, members: [:])
    guard hasBias else {
      let failure = #expect(throws: Failure.self) { try model.apply(calibration) }
      #expect(failure?.problem == "the model's last layer, 'classifier.out_proj', has no bias")
      return
    }
    try model.apply(calibration)
    let bias = try #require(table["classifier.out_proj.bias"])
    #expect(model.parameters.array(of: bias) == [3])
  }
}
