import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Testing

/// Models that begin with some layers of another, for every family of the fixtures.
@Suite struct LayerCutTests {
  static let place = Place("base", key: "model.layers")

  private func reference(_ name: String) throws -> FamilyReference {
    try #require(try FamilyReferenceTests.all.first { $0.name == name })
  }

  private func model(_ source: ModelSource, _ layers: [Int]) throws -> CrossEncoder {
    try CrossEncoder(source.keeping(layers) { Self.place }, seed: 1)
  }

  /// The first and the last layer, or the only one.
  private func ends(_ count: Int) -> [Int] { count == 1 ? [0] : [0, count - 1] }

  /// The name in the base of a parameter of layer `number` of the cut model: the same with the number
  /// of the base's layer. Of T5, all layers use the table of the first.
  private func wholeName(_ name: String, _ kept: [Int], isShared: Bool) -> String {
    if isShared, name.contains("relative_attention_bias") { return name }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.first != "decoder",
      let place = parts.firstIndex(where: { ["layer", "layers", "block"].contains($0) }),
      place + 1 < parts.count, let number = Int(parts[place + 1])
    else { return name }
    var whole = parts
    whole[place + 1] = "\(kept[number])"
    return whole.joined(separator: ".")
  }

  @Test(arguments: FamilyReferenceTests.names)
  func allLayersAreTheBase(_ name: String) throws {
    let reference = try reference(name)
    let whole = try reference.model()
    let source = try ModelSource(reference.written())
    let cut = try model(source, Array(whole.blueprint.layers.indices))
    #expect(cut.blueprint == whole.blueprint)
    #expect(bits(cut) == bits(whole))
    #expect(reference.scores(cut) == reference.scores(whole))
  }

  @Test(arguments: FamilyReferenceTests.names)
  func keptLayersAreTheBases(_ name: String) throws {
    let reference = try reference(name)
    let whole = try reference.model()
    let kept = ends(whole.blueprint.layers.count)
    let cut = try model(ModelSource(reference.written()), kept)
    #expect(cut.blueprint.layers.count == kept.count && cut.fresh.isEmpty)
    let isShared = ["\"t5\"", "\"mt5\""].contains(reference.config["model_type"]?.text)
    for entry in cut.parameters.table.entries {
      let wholeName = wholeName(entry.name, kept, isShared: isShared)
      let own = try #require(whole.parameters.table[wholeName], "\(wholeName)")
      let values = cut.parameters.array(of: entry.parameter)
      #expect(values == whole.parameters.array(of: own), "\(entry.name)")
    }
    for (number, layer) in cut.blueprint.layers.enumerated() {
      let base = whole.blueprint.layers[kept[number]]
      #expect(layer.attention.mask == base.attention.mask)
      #expect(layer.attention.scale == base.attention.scale)
      if case .rotary = base.attention.positions {
        #expect(layer.attention.positions == base.attention.positions)
      }
    }
  }

  /// The configuration of the cut model is right for whatever reads it: its tensors under their own
  /// names beside it are a model with the same scores.
  @Test(arguments: FamilyReferenceTests.names)
  func configurationDescribesTheCutModel(_ name: String) throws {
    let reference = try reference(name)
    let source = try ModelSource(reference.written())
    let count = try source.sidecar.architecture().blueprint.layers.count
    let cut = try model(source, ends(count))
    var tiny = TinyModel(reference.config, [:])
    for entry in cut.parameters.table.entries {
      tiny.tensors[entry.name] = TinyModel.Tensor(
        shape: entry.parameter.shape.array, values: cut.parameters.array(of: entry.parameter))
    }
    let folder = try tiny.written()
    try Data(try #require(cut.sidecar.files["config.json"]))
      .write(to: URL(filePath: folder).appending(path: "config.json"))
    let read = try CrossEncoder(ModelSource(folder), seed: 1)
    #expect(read.blueprint.layers == cut.blueprint.layers)
    #expect(reference.scores(read) == reference.scores(cut))
  }

  /// Of an encoder without a head, the newly initialised one is that of the whole base.
  @Test func freshHeadsAreTheSame() throws {
    let source = try ModelSource(TinyModel(layers: 3, head: false).written())
    let (whole, cut) = (try CrossEncoder(source, seed: 1), try model(source, [2]))
    #expect(cut.fresh == whole.fresh && cut.fresh.contains("classifier.weight"))
    for name in cut.fresh {
      let own = try #require(cut.parameters.table[name])
      let base = try #require(whole.parameters.table[name])
      #expect(cut.parameters.array(of: own) == whole.parameters.array(of: base), "\(name)")
    }
  }

  /// Layer 0 of ModernBERT has no norm before attention, so no other layer can take its place.
  @Test func layersOfAnotherKindAreRefused() throws {
    let tiny = TinyModel.modernBERT(
      width: 8, layers: 4, heads: 2, inner: 6, positions: 10, biases: false, head: true)
    let source = try ModelSource(tiny.written())
    let failure = try #require(
      #expect(throws: Failure.self) { try source.keeping([1, 3]) { Self.place } })
    #expect(failure.kind == .badRecipe && failure.place == Self.place)
    #expect(failure.problem.contains("layer 1 of the base"))
    #expect(failure.remedy?.contains("[0, 1, 3]") == true)
    let blueprint = try source.keeping([0, 2, 3]) { Self.place }.sidecar.architecture().blueprint
    let own = try source.sidecar.architecture().blueprint
    #expect(
      blueprint.layers.map(\.attention.mask) == [0, 2, 3].map { own.layers[$0].attention.mask })
    #expect(blueprint.layers.map { $0.attention.norm == nil } == [true, false, false])
  }

  /// The convolution of a DeBERTa is beside layer 0 alone.
  @Test func convolutionsStayWhereTheyAre() throws {
    let source = try ModelSource(
      reference("DeBERTa, convolution").written())
    #expect(throws: Failure.self) { try source.keeping([1]) { Self.place } }
  }

  @Test func missingLayers() throws {
    let source = try ModelSource(TinyModel(layers: 2).written())
    let failure = #expect(throws: Failure.self) { try source.keeping([0, 2]) { Self.place } }
    #expect(failure?.problem == "there is no layer 2 to keep")
    #expect(failure?.expected?.contains("from 0 to 1") == true)
  }

  /// The weights of an adapter are of the layers that its own base has.
  @Test func adaptersAreRefused() throws {
    let source = try ModelSource(#require(try AdapterReference.all.first).written())
    let failure = #expect(throws: Failure.self) { try source.keeping([0]) { Self.place } }
    #expect(failure?.remedy?.contains("hf") == true)
  }

  /// An adapter of a cut base names the layers as PEFT does, and is read with them.
  @Test func adaptersOfCutModels() throws {
    var plan = AdapterPlan()
    (plan.keptLayers, plan.base) = ([0, 1, 3], "base")
    let json = try AdapterConfiguration(plan).json()
    #expect(json.contains("\"layer_replication\""))
    let read = try AdapterConfiguration(json: Array(json.utf8), name: "adapter_config.json")
    #expect(read.layers == [0, 1, 3])
    plan.keptLayers = nil
    let repeated = try AdapterConfiguration(plan).json().replacing(
      "{", with: "{\"layer_replication\": [[0, 2], [1, 3]],", maxReplacements: 1)
    let failure = #expect(throws: Failure.self) {
      try AdapterConfiguration(json: Array(repeated.utf8), name: "adapter_config.json")
    }
    #expect(failure?.place?.key == "layer_replication")
  }

  private func bits(_ model: CrossEncoder) -> [[UInt32]] {
    model.parameters.table.entries.map {
      model.parameters.array(of: $0.parameter).map(\.bitPattern)
    }
  }
}

/// Models of a configuration alone, whose weights are newly initialised.
@Suite struct NewWeightTests {
  @Test(arguments: FamilyReferenceTests.names)
  func everyFamilyBeginsSo(_ name: String) throws {
    let reference = try #require(try FamilyReferenceTests.all.first { $0.name == name })
    let folder = try reference.written()
    let whole = try CrossEncoder(ModelSource(folder), seed: 1)
    try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
    let model = try CrossEncoder(ModelSource(folder, isNew: true), seed: 3)
    #expect(model.blueprint == whole.blueprint)
    let deviation = Double(model.blueprint.initializerRange)
    var (sum, count) = (0.0, 0.0)
    for entry in model.parameters.table.entries {
      let values = model.parameters.array(of: entry.parameter)
      if entry.decays {
        sum += values.reduce(0) { $0 + Double($1) * Double($1) }
        count += Double(values.count)
      } else {
        #expect(Set(values).count == 1, "\(entry.name)")
        #expect(values[0] == 0 || values[0] == 1, "\(entry.name)")
        if entry.name.hasSuffix(".bias") { #expect(values[0] == 0) }
      }
    }
    // The deviation of n numbers of a normal distribution has an error of 1/√(2n): five of these.
    #expect(abs((sum / count).squareRoot() / deviation - 1) < 5 / (2 * count).squareRoot())
    for name in model.fresh {
      #expect(model.blueprint.headModules.contains { name.hasPrefix($0 + ".") }, "\(name)")
    }
    #expect(!model.fresh.isEmpty && reference.scores(model).allSatisfy(\.isFinite))
    let again = try CrossEncoder(ModelSource(folder, isNew: true), seed: 3)
    #expect(reference.scores(again) == reference.scores(model))
    let other = try CrossEncoder(ModelSource(folder, isNew: true), seed: 4)
    #expect(reference.scores(other) != reference.scores(model))
  }

  @Test func withoutTheWordWeightsAreMissing() throws {
    let folder = try TinyModel().written()
    try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
    let failure = #expect(throws: Failure.self) { try ModelSource(folder) }
    #expect(failure?.kind == .missingInput)
  }
}
