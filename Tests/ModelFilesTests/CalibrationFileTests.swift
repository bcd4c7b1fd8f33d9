import Diagnostics
import Files
import Foundation
import JSON
import ModelFiles
import Models
import TestSupport
import Testing

@Suite struct CalibrationFileTests {
  private let folder: URL
  private let model: CrossEncoder

  init() throws {
    folder = try Material.temporaryFolder()
    let place = folder.appending(path: "model")
    try HandwrittenModel.write(to: place)
    model = try CrossEncoder(ModelSource(place.path), seed: 1)
  }

  private func written(_ file: CalibrationFile) throws -> String {
    let path = folder.appending(path: "calibration.json").path
    try writeAtomically(try file.json.json(), to: path)
    return path
  }

  @Test func readsBackWhatItWrites() throws {
    let file = CalibrationFile(
      slope: 0.75, intercept: -2.5, of: model, members: ["candidates": 100])
    let path = try written(file)
    let read = try CalibrationFile(reading: path)
    #expect(read.slope == 0.75 && read.intercept == -2.5)
    #expect(read.json == file.json)
    try read.check(model, path: path)
    let bias = try #require(model.parameters.table["classifier.bias"])
    model.parameters[bias][0] += 1
    let failure = #expect(throws: Failure.self) { try read.check(model, path: path) }
    #expect(failure?.place?.key == "weights_sha256")
  }

  @Test func isPutIntoTheLastLayer() throws {
    let weight = try #require(model.parameters.table["classifier.weight"])
    let bias = try #require(model.parameters.table["classifier.bias"])
    let (before, constant) = (model.parameters[weight].array, model.parameters[bias][0])
    try model.apply(CalibrationFile(slope: 0.5, intercept: 3, of: model, members: [:]))
    #expect(model.parameters[weight].array == before.map { $0 / 2 })
    #expect(abs(model.parameters[bias][0] - (constant / 2 + 3)) < 1e-6)
    #expect(throws: Failure.self) {
      try model.apply(CalibrationFile(slope: -1, intercept: 0, of: model, members: [:]))
    }
  }

  @Test(arguments: [
    ("{}", "kind"), (#"{"kind": "ltr calibration", "format": 1, "slope": "1"}"#, "slope"),
    (#"{"kind": "ltr calibration", "format": 1, "slope": 1, "intercept": 1}"#, "weights_sha256"),
  ])
  func namesTheKeyThatIsWrong(json: String, key: String) throws {
    let path = folder.appending(path: "c.json").path
    try writeAtomically(json, to: path)
    let failure = #expect(throws: Failure.self) { try CalibrationFile(reading: path) }
    #expect(failure?.kind == .badData)
    #expect(failure?.place == Place(path, key: key))
  }
}
