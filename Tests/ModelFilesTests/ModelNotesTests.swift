import Diagnostics
import Foundation
import ModelFiles
import Models
import Persistence
import TestSupport
import Testing

@Suite struct ModelNotesTests {
  private func read(_ json: String) throws -> ModelNotes {
    try ModelNotes(json: Array(json.utf8), name: "ltr.json")
  }

  @Test func readsBackWhatItWrites() throws {
    var all = ModelNotes(maximumLength: 200, fusionWeight: 0.35, base: "a/\"b\"")
    all.average = ["ema": 0.999, "checkpoints": [300, 200]]
    #expect(try read(all.json()) == all)
    #expect(try read(ModelNotes().json()) == ModelNotes())
    #expect(try read(#"{"later": [1], "max_length": null}"#) == ModelNotes())
  }

  @Test(arguments: [
    (#"{"max_length": 0}"#, "max_length"), (#"{"max_length": 2.5}"#, "max_length"),
    (#"{"max_length": "256"}"#, "max_length"), (#"{"fusion_weight": 1.01}"#, "fusion_weight"),
    (#"{"fusion_weight": true}"#, "fusion_weight"), (#"{"base": 3}"#, "base"),
    (#"{"average": 0.5}"#, "average"),
  ])
  func namesTheKeyThatIsWrong(json: String, key: String) throws {
    let failure = #expect(throws: Failure.self) { try read(json) }
    #expect(failure?.kind == .badData)
    #expect(failure?.place == Place("ltr.json", key: key))
  }

  @Test(arguments: ["", "[1]", "{", "3"])
  func refusesWhatIsNoObject(json: String) throws {
    #expect(throws: Failure.self) { try read(json) }
  }

  @Test func lieInACheckpointToo() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.appending(path: "a.h5").path
    var writer = try CheckpointWriter(path)
    try writer.put(ModelCheckpoint.files + "config.json", HandwrittenModel.configuration)
    try writer.put(
      ModelCheckpoint.files + "ltr.json", try ModelNotes(fusionWeight: 0.2).json())
    try writer.finish()
    #expect(try ModelNotes(of: ModelSource(path)) == ModelNotes(fusionWeight: 0.2))
  }

  @Test func lengthComesFromTheNearestWordAboutIt() throws {
    func length(_ notes: ModelNotes, _ configuration: String?) -> Int {
      let files = configuration.map { ["tokenizer_config.json": Array($0.utf8)] } ?? [:]
      return notes.maximumLength(
        for: ModelSidecar(place: "m", files: files), positions: 512)
    }
    #expect(length(ModelNotes(maximumLength: 100), #"{"model_max_length": 200}"#) == 100)
    #expect(length(ModelNotes(maximumLength: 1000), nil) == 512)
    #expect(length(ModelNotes(), #"{"model_max_length": 200}"#) == 200)
    #expect(length(ModelNotes(), #"{"model_max_length": 1e30}"#) == 512)
    #expect(length(ModelNotes(), #"{"model_max_length": 900}"#) == 512)
    #expect(length(ModelNotes(), "not JSON") == 512)
    #expect(length(ModelNotes(), nil) == 512)
  }
}
