import Autodiff
import Foundation
import Scoring
import Tokenization

/// A server's description of its model.
struct ModelDescription: Sendable {
  /// The name of the model.
  let name: String
  let precision: Precision
  /// The maximum number of tokens per sequence.
  let maximumLength: Int
  let limits: ServingLimits
  let tokenizer: Tokenizer
  /// The version of the program.
  let version: String
  /// The time of the server's creation, in seconds since 1970.
  let created = Int(Date().timeIntervalSince1970)

  init(
    name: String, precision: Precision, maximumLength: Int, options: ServingOptions,
    tokenizer: Tokenizer
  ) {
    self.name = name
    self.precision = precision
    self.maximumLength = maximumLength
    limits = options.limits
    version = options.version
    self.tokenizer = tokenizer
  }

  /// `/v1/models` and `/models`, as in OpenAI, vLLM and Infinity; Infinity's client accepts no
  /// other owner.
  func models(queuedDocuments: Int) -> [UInt8] {
    json(
      Models(data: [
        Models.Model(
          id: name, created: created, root: name, maxModelLen: maximumLength,
          stats: .init(
            queueFraction:
              Double(queuedDocuments) / Double(limits.queuedDocuments)))
      ]))
  }

  /// `/info`, as in text-embeddings-inference.
  func info(workers: Int) -> [UInt8] {
    json(
      Info(
        modelId: name, modelDtype: dtype, maxConcurrentRequests: limits.connections,
        maxInputLength: maximumLength,
        maxBatchTokens: max(ScoringSlice<ScoringQueue.Member>.size, maximumLength),
        maxClientBatchSize: limits.documents, tokenizationWorkers: workers, version: version))
  }

  /// `/meta`, which Weaviate's module shows unchanged.
  func meta() -> [UInt8] {
    json(
      Meta(
        model: name, modelDtype: dtype, maxInputLength: maximumLength,
        vocabSize: tokenizer.vocabularySize))
  }

  private var dtype: String {
    switch precision {
    case .f32: "float32"
    case .bf16: "bfloat16"
    case .int8: "int8"
    }
  }

  private struct Models: Encodable {
    struct Model: Encodable {
      struct Stats: Encodable { let queueFraction: Double }

      let id: String
      let object = "model"
      let created: Int
      let ownedBy = "infinity"
      let root: String
      let maxModelLen: Int
      let backend = "ltr"
      let capabilities = ["rerank"]
      let stats: Stats

      private enum CodingKeys: String, CodingKey {
        case id, object, created, ownedBy, root, maxModelLen, backend, capabilities, stats
      }
    }

    let object = "list"
    let data: [Model]

    private enum CodingKeys: String, CodingKey { case object, data }
  }

  private struct Info: Encodable {
    struct Kind: Encodable {
      struct Reranker: Encodable {
        let id2label = ["0": "LABEL_0"]
        let label2id = ["LABEL_0": 0]

        private enum CodingKeys: String, CodingKey { case id2label, label2id }
      }

      let reranker = Reranker()

      private enum CodingKeys: String, CodingKey { case reranker }
    }

    let modelId: String
    let modelDtype: String
    let modelType = Kind()
    let maxConcurrentRequests: Int
    let maxInputLength: Int
    let maxBatchTokens: Int
    let maxClientBatchSize: Int
    let tokenizationWorkers: Int
    let version: String
    let autoTruncate = true

    private enum CodingKeys: String, CodingKey {
      case modelId, modelDtype, modelType, maxConcurrentRequests, maxInputLength, maxBatchTokens
      case maxClientBatchSize, tokenizationWorkers, version, autoTruncate
    }
  }

  private struct Meta: Encodable {
    let model: String
    let modelDtype: String
    let maxInputLength: Int
    let vocabSize: Int
  }
}
