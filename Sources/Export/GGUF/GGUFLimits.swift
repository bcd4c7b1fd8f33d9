import ModelFiles
import Models
import Tokenization

extension ExportRequest {
  /// The reasons why llama.cpp's scores differ slightly from the model's in every precision, one
  /// sentence each.
  package var ggufLimits: [String] {
    if model.modularHead != nil { return (try? withFamilyHead().ggufLimits) ?? [] }
    var limits: [String] = []
    let blueprint = model.blueprint
    let graph = try? model.llamaGraph()
    switch graph {
    case .modernBERT?: limits += ggufPoolingLimits
    case .bert?, nil: limits += ggufActivationLimits
    case .qwen3?: return limits + ggufDecoderLimits + ggufTokenizerLimits
    }
    if takesTokenTypes, !hasOnlyZeroTypes {
      limits.append(
        "llama.cpp gives every token the type 0, but this model was trained with two token types:"
          + " train with 'model.token_types: 1' for identical scores")
    }
    if ggufPair == nil {
      limits.append(
        "llama.cpp encodes a pair as [CLS] query [SEP] text [SEP], but this tokenizer does not"
      )
    }
    if maximumLength < blueprint.maximumPositions {
      limits.append(
        "llama.cpp does not truncate at the model's \(maximumLength) tokens: it reads up to"
          + " \(blueprint.maximumPositions), so longer texts get different scores")
    }
    return limits + ggufTokenizerLimits
  }

  private var ggufDecoderLimits: [String] {
    var limits = [
      "llama.cpp returns probabilities for this family: the sigmoid of the model's scores",
      "llama.cpp rounds keys and values to 16 bits, which changes scores in the third decimal, unless"
        + " it is started with --cache-type-k f32 --cache-type-v f32 --flash-attn off",
    ]
    if ggufPrompt == nil {
      limits.append(
        "llama.cpp joins a pair by a prompt, but this tokenizer has fixed tokens around pairs")
    }
    if maximumLength < model.blueprint.maximumPositions {
      limits.append(
        "llama.cpp does not truncate at the model's \(maximumLength) tokens, and truncates no"
          + " document so that the end of its prompt stays: longer texts get different scores")
    }
    return limits
  }

  private var ggufActivationLimits: [String] {
    switch model.blueprint.activation {
    case .gelu:
      return [
        "llama.cpp computes GELU by its approximation with tanh, from a table of 16-bit numbers"
      ]
    case .geluTanh:
      return [
        "llama.cpp computes GELU as this model does, by its approximation with tanh, but from a table"
          + " of 16-bit numbers"
      ]
    case .relu, .silu, nil: return []
    }
  }

  private var ggufPoolingLimits: [String] {
    guard model.blueprint.pooling == .first else { return [] }
    return [
      "versions of llama.cpp that do not read modern-bert.classifier.pooling_type pool by mean, but"
        + " this model pools by the first token: its scores are then wrong"
    ]
  }
}
