public import Diagnostics
import Files
package import JSON
public import Models
import Persistence

/// What `ltr` knows about a model that no other program's file has a place for: `ltr.json`, beside
/// `config.json`, or in a checkpoint among the files of the model.
public struct ModelNotes: Sendable, Equatable {
  /// The most tokens of a query and a document together that the model was trained with.
  public var maximumLength: Int?
  /// The share of the first stage's score in the final score, chosen on development data.
  public var fusionWeight: Double?
  /// What training started from.
  public var base: String?
  /// Whether a calibration is in the weights: the sigmoid of a score is then a probability.
  public var isCalibrated = false
  /// The checksums of the data that training began with and of those that it went on with, where they
  /// changed between; nil where they did not.
  package var changedData: JSONValue?

  /// Notes; nil for what is not known.
  public init(maximumLength: Int? = nil, fusionWeight: Double? = nil, base: String? = nil) {
    self.maximumLength = maximumLength
    self.fusionWeight = fusionWeight
    self.base = base
  }

  /// The name of the file.
  public static let fileName = "ltr.json"

  /// The notes that lie beside a model; empty where there are none.
  ///
  /// - Throws: `badData` with the key where there are notes and a value is wrong.
  public init(of source: ModelSource) throws(Failure) {
    let place = source.sidecar.place
    if CheckpointReader.recognises(place) {
      let reader = try CheckpointReader(place)
      let key = ModelCheckpoint.files + Self.fileName
      guard reader.entry(key) != nil else {
        self.init()
        return
      }
      try self.init(json: Array(try reader.text(key).utf8), name: place + key)
      return
    }
    let folder = try Folder(opening: place)
    guard folder.contains(Self.fileName) else {
      self.init()
      return
    }
    try self.init(
      json: try folder.read(Self.fileName).array, name: folder.path(of: Self.fileName))
  }

  /// Reads the bytes of an `ltr.json`; unknown keys are ignored.
  ///
  /// - Throws: `badData` with the key where a value is wrong; `name` is the file in it.
  public init(json: [UInt8], name: String) throws(Failure) {
    let value = try JSONValue(json, name: name)
    guard value.members != nil else {
      throw Failure(.badData, "this is not a JSON object", at: Place(name))
    }
    self.init()
    if let found = value["max_length"] {
      guard case .whole(let length) = found, length > 0 else {
        throw Self.wrong("max_length", in: name, expected: "a whole number of tokens above 0")
      }
      maximumLength = length
    }
    if let found = value["fusion_weight"] {
      guard let weight = found.double, (0...1).contains(weight) else {
        throw Self.wrong("fusion_weight", in: name, expected: "a number from 0 to 1")
      }
      fusionWeight = weight
    }
    if let found = value["calibrated"] {
      guard case .flag(let flag) = found else {
        throw Self.wrong("calibrated", in: name, expected: "true or false")
      }
      isCalibrated = flag
    }
    changedData = value["changed_data"]
    if let found = value["base"] {
      guard case .text(let text) = found else {
        throw Self.wrong("base", in: name, expected: "a text")
      }
      base = text
    }
  }

  /// The notes as `ltr.json` holds them.
  public func json() throws(Failure) -> String {
    var members: [String: JSONValue] = [:]
    members["max_length"] = maximumLength.map { .whole($0) }
    members["fusion_weight"] = fusionWeight.map { .number($0) }
    members["base"] = base.map { .text($0) }
    members["calibrated"] = isCalibrated ? true : nil
    members["changed_data"] = changedData
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }

  /// The most tokens a pair may have by default: what the notes say, else what
  /// `tokenizer_config.json` says, and in no case more than there are positions for.
  public func maximumLength(
    for sidecar: ModelSidecar, positions: Int
  ) -> Int {
    if let maximumLength { return min(maximumLength, positions) }
    let name = "tokenizer_config.json"
    if let json = sidecar.files[name], let value = try? JSONValue(json, name: name),
      case .whole(let length)? = value["model_max_length"], length > 0
    {
      return min(length, positions)
    }
    return positions
  }

  /// A path as it was given, or its last part where it is absolute: files that others get should
  /// not name the folders of this machine.
  public static func short(_ path: String) -> String {
    path.hasPrefix("/") ? path.split(separator: "/").last.map(String.init) ?? path : path
  }

  private static func wrong(_ key: String, in name: String, expected: String) -> Failure {
    Failure(
      .badData, "the value of '\(key)' is wrong", at: Place(name, key: key), expected: expected)
  }
}
