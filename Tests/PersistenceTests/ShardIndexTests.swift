import Diagnostics
import Files
import Persistence
import Testing

@Suite struct ShardIndexTests {
  private func index(_ json: String) throws -> ShardIndex {
    try ShardIndex(Bytes(Array(json.utf8)), name: "i")
  }

  /// The form that transformers 5 writes.
  @Test func readsWhatTransformersWrites() throws {
    let index = try index(
      """
      {
        "metadata": {"total_parameters": 3, "total_size": 12},
        "weight_map": {"a.weight": "m-2.safetensors", "a.bias": "m-1.safetensors",
          "b": "m-1.safetensors"}
      }
      """)
    #expect(index.shards == ["m-1.safetensors", "m-2.safetensors"])
    #expect(index.shardOfTensor["a.weight"] == "m-2.safetensors" && index.shardOfTensor.count == 3)
  }

  @Test(arguments: [
    ("", "the index ends in the middle of a value"), ("[]", "weight_map"), ("{}", "weight_map"),
    (#"{"weight_map": []}"#, "weight_map"), (#"{"weight_map": {}}"#, "the index names no tensor"),
    (#"{"weight_map": {"a": "s"}, "weight_map": {"a": "s"}}"#, "weight_map"),
    (#"{"weight_map": {"a": 1}}"#, "the shard of the tensor is no text"),
    (#"{"weight_map": {"a": "s", "a": "t"}}"#, "duplicate tensor in the index: in 's' and in 't'"),
    (#"{"weight_map": {"a": "../s"}}"#, "the shard of the tensor is '../s'"),
    (#"{"weight_map": {"a": "s\u0000t"}}"#, "the shard of the tensor is 's"),
    (#"{"weight_map": {"a": "s"}} x"#, "unexpected text after the index's object"),
    (String(repeating: "[", count: 100_000), "the index is nested too deeply"),
  ])
  func refusesOthers(_ json: String, _ problem: String) throws {
    let failure = try #require(throws: Failure.self) { try index(json) }
    #expect(failure.kind == .badData && failure.place?.file == "i")
    #expect(failure.problem.contains(problem))
  }

  @Test func refusesWhatIsNotText() throws {
    let failure = #expect(throws: Failure.self) { try ShardIndex(Bytes([0xFF, 0x7B]), name: "i") }
    #expect(failure?.problem == "the index is not UTF-8")
  }
}
