public import Diagnostics
import Files
package import JSON
public import Models
import Persistence
public import Tokenization

/// The facts about a model that have no place in another program's files: `ltr.json`, beside
/// `config.json` or among the model's files in a checkpoint.
public struct ModelNotes: Sendable, Equatable {
  /// The maximum number of tokens per pair of query and document in training.
  public var maximumLength: Int?
  /// The weight of the first stage's score in the final score, selected on development data.
  public var fusionWeight: Double?
  /// The model that training started from.
  public var base: String?
  /// Whether a calibration is merged into the weights: the sigmoid of a score is then a
  /// probability.
  public var isCalibrated = false
  /// The prompt in which the model reads pairs; nil for its tokenizer's own form of pairs.
  public var prompt: PromptTemplate?
  /// The answer tokens of a language model that has no score head. Models with a score head do not
  /// need them, so exports leave them out.
  public var answers: AnswerHead?
  /// The checksums of the data at the start of training and at each resumption with changed data;
  /// nil if the data did not change.
  package var changedData: JSONValue?
  /// The averages that the weights are made of; nil for the weights of one step.
  package var average: JSONValue?

  /// Notes; nil for unknown values.
  public init(maximumLength: Int? = nil, fusionWeight: Double? = nil, base: String? = nil) {
    self.maximumLength = maximumLength
    self.fusionWeight = fusionWeight
    self.base = base
  }

  /// The name of the file.
  public static let fileName = "ltr.json"

  /// The notes beside a model; empty if there is no file.
  ///
  /// - Throws: `badData` with the key whose value is invalid.
  public init(of source: ModelSource) throws(Failure) {
    let place = source.sidecar.place
    if source.adapter != nil, !CheckpointReader.recognises(source.path),
      let own = try ModelNotes(in: try Folder(opening: source.path))
    {
      self = own
      return
    }
    if CheckpointReader.recognises(place) {
      self = try ModelNotes(of: try CheckpointReader(place)) ?? ModelNotes()
      return
    }
    self = try ModelNotes(in: try Folder(opening: place)) ?? ModelNotes()
  }

  /// The notes in the folder of an encoder; nil if there is no file.
  init?(in folder: Folder) throws(Failure) {
    guard folder.contains(Self.fileName) else { return nil }
    try self.init(
      json: try folder.read(Self.fileName).array, name: folder.path(of: Self.fileName))
  }

  /// The notes of a checkpoint; nil if it has none.
  ///
  /// - Throws: `badData` with the key whose value is invalid.
  init?(of reader: borrowing CheckpointReader) throws(Failure) {
    let key = ModelCheckpoint.files + Self.fileName
    guard reader.entry(key) != nil else { return nil }
    try self.init(json: Array(try reader.text(key).utf8), name: reader.path + key)
  }

  /// Reads the bytes of an `ltr.json`; unknown keys are ignored.
  ///
  /// - Throws: `badData` with the key whose value is invalid; `name` is the file that the failure
  ///   names.
  public init(json: [UInt8], name: String) throws(Failure) {
    let value = try JSONValue(json, name: name)
    guard value.members != nil else {
      throw Failure(.badData, "this is not a JSON object", at: Place(name))
    }
    self.init()
    if let found = value["max_length"] {
      guard case .whole(let length) = found, length > 0 else {
        throw Self.wrong("max_length", in: name, expected: "an integer above 0 (tokens)")
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
    if let found = value["average"] {
      guard found.members != nil else {
        throw Self.wrong("average", in: name, expected: "an object")
      }
      average = found
    }
    prompt = try value["prompt"].map { (found) throws(Failure) in
      try PromptTemplate(found, Place(name, key: "prompt"))
    }
    if let found = value["answers"] {
      func id(_ key: String) throws(Failure) -> Int? {
        guard let member = found[key] else { return nil }
        guard case .whole(let id) = member, id >= 0 else {
          throw Self.wrong("answers.\(key)", in: name, expected: "the id of a token")
        }
        return id
      }
      guard let positive = try id("positive") else {
        throw Self.wrong(
          "answers", in: name, expected: #"{"positive": ID} or {"positive": ID, "negative": ID}"#)
      }
      answers = AnswerHead(positive: positive, negative: try id("negative"))
    }
    if let found = value["base"] {
      guard case .text(let text) = found else {
        throw Self.wrong("base", in: name, expected: "a string")
      }
      base = text
    }
  }

  /// The content of `ltr.json`.
  public func json() throws(Failure) -> String {
    var members: [String: JSONValue] = [:]
    members["max_length"] = maximumLength.map { .whole($0) }
    members["fusion_weight"] = fusionWeight.map { .number($0) }
    members["base"] = base.map { .text($0) }
    members["calibrated"] = isCalibrated ? true : nil
    members["changed_data"] = changedData
    members["average"] = average
    members["prompt"] = prompt.map(\.json)
    if let answers {
      members["answers"] = .object(
        ["positive": .whole(answers.positive)]
          .merging(answers.negative.map { ["negative": .whole($0)] } ?? [:]) { $1 })
    }
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }

  /// The default for the maximum number of tokens per pair: the value of the notes, else that of
  /// `tokenizer_config.json`, and never more than the model has positions.
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

  /// A relative path unchanged, or the last component of an absolute one: files for other people
  /// should not name the folders of this machine.
  public static func short(_ path: String) -> String {
    path.hasPrefix("/") ? path.split(separator: "/").last.map(String.init) ?? path : path
  }

  private static func wrong(_ key: String, in name: String, expected: String) -> Failure {
    Failure(
      .badData, "invalid value of '\(key)'", at: Place(name, key: key), expected: expected)
  }
}
