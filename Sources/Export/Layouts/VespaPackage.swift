import Diagnostics
import Files
import ModelFiles

extension ExportFormat {
  /// Files for an application package of Vespa.
  public static let vespa = ExportFormat(
    name: "vespa",
    meaning: "files for an application package of Vespa: models/model.onnx, models/tokenizer.json",
    precisions: onnxPrecisions, contents: .onnx, limits: vespaLimits
  ) { (request, folder) throws(Failure) in
    try request.writeONNX(to: "models/model.onnx", in: folder, mayDivide: false)
    let tokenizer = try TokenizerFiles(request.model.sidecar, request.model.tokenizer)
    try folder.write(
      "models/tokenizer.json",
      try tokenizer.tokenizerJSON(maximumLength: request.maximumLength))
    try folder.write("README.md", vespaReadme(request))
  }
}

/// Vespa itself joins query and document: it assumes that ids 101 and 102 are `[CLS]` and `[SEP]`,
/// as in BERT's vocabularies.
private let vespaLimits: @Sendable (ExportRequest) -> [String] = { request in
  var limits = request.onnxLimits
  let special = request.model.tokenizer.specialTokens
  if special.cls?.id != 101 || special.sep?.id != 102 {
    limits.append(
      "Vespa's tokenInputIds puts the ids 101 and 102 around query and document, but this model's"
        + " are \(special.cls.map { "\($0.id)" } ?? "missing") and"
        + " \(special.sep.map { "\($0.id)" } ?? "missing"): build the input with custom expressions"
    )
  }
  if request.takesTokenTypes, request.hasOnlyZeroTypes {
    limits.append(
      "the model was trained with a single token type: pass zeros instead of Vespa's tokenTypeIds")
  }
  return limits
}

private func vespaReadme(_ request: ExportRequest) -> String {
  let length = request.maximumLength
  // The inputs of the model, by the Vespa functions that compute them.
  let functions = [
    "input_ids": "tokenInputIds", "attention_mask": "tokenAttentionMask",
    "token_type_ids": "tokenTypeIds",
  ]
  let names = request.onnxInputs
  let inputs = names.map { "    input \($0): \($0)" }.joined(separator: "\n")
  let expressions = names.map { name in
    """
      function \(name)() {
        expression: \(functions[name] ?? name)(\(length), query(tokens), attribute(tokens))
      }
    """
  }.joined(separator: "\n")
  return """
    Copy the folder `models` into an application package. In `services.xml`, within `container`:

    ```xml
    <component id="tokenizer" type="hugging-face-tokenizer">
      <model path="models/tokenizer.json"/>
      <special-tokens>false</special-tokens>
    </component>
    ```

    In the schema, beside `document`, where `text` is the field to rank by:

    ```
    field tokens type tensor<float>(d0[\(length)]) {
      indexing: input text | embed tokenizer | attribute
    }
    rank-profile rerank {
      inputs {
        query(tokens) tensor<float>(d0[32])
      }
      onnx-model cross_encoder {
        file: models/model.onnx
    \(inputs)
      }
    \(expressions)
      global-phase {
        rerank-count: 50
        expression: onnx(cross_encoder){d0:0,d1:0}
      }
    }
    ```

    A query passes its tokens with `input.query(tokens)=embed(tokenizer, @query)`; the first 32 are
    used. The score is the model's raw logit.

    """
}
