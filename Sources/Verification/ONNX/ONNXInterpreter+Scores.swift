package import Diagnostics
import Files

/// The scores of pairs by the ONNX file of a cross-encoder.
///
/// - Throws: `missingInput`, `io`, or `badData` if the file cannot be run.
package func scoresOfONNX(
  _ file: String, _ pairs: [EncodedPair]
) throws(Failure) -> [Float] {
  try ONNXInterpreter(try readFile(file), name: file).scores(of: pairs)
}

extension ONNXInterpreter {
  /// The number of pairs in a batch: several, so that padding and mask are tested.
  private static let batch = 4

  /// The scores of pairs by a cross-encoder's file: `logits` of `input_ids`, `attention_mask`, and
  /// `token_type_ids` if it has that input.
  ///
  /// - Throws: `badData` if the file cannot be run.
  func scores(of pairs: [EncodedPair]) throws(Failure) -> [Float] {
    var scores: [Float] = []
    var start = 0
    while start < pairs.count {
      let part = Array(pairs[start..<min(start + Self.batch, pairs.count)])
      let padded = PaddedPairs(part)
      var given: [String: ONNXTensor] = [:]
      for name in inputs {
        guard let values = padded.inputs[name] else { continue }
        given[name] = ONNXTensor(.int64, [part.count, padded.length], values.map { Float($0) })
      }
      let logits = try run(given, output: "logits")
      guard logits.shape == [part.count, 1] else {
        throw Failure(
          .badData, "the output 'logits' of \(part.count) pairs has the shape \(logits.shape)",
          expected: "[\(part.count), 1]")
      }
      scores += logits.values.array.prefix(part.count)
      start += part.count
    }
    return scores
  }
}

/// Pairs as rows of equal length, padded with zeros.
struct PaddedPairs {
  /// The length of a row.
  let length: Int
  /// The concatenated rows, by the names of the inputs of ONNX files.
  let inputs: [String: [Int32]]

  init(_ pairs: [EncodedPair]) {
    let length = pairs.map(\.ids.count).max() ?? 0
    func rows(_ row: (EncodedPair) -> [Int32]) -> [Int32] {
      pairs.flatMap { pair in
        let values = row(pair)
        return values + Array(repeating: 0, count: length - values.count)
      }
    }
    self.length = length
    inputs = [
      "input_ids": rows(\.ids), "token_type_ids": rows(\.types),
      "attention_mask": rows { Array(repeating: 1, count: $0.ids.count) },
    ]
  }
}
