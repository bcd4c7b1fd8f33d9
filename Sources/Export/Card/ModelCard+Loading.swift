extension ModelCard {
  /// The section that explains how other programs load the model.
  var loadingSection: String {
    #"""

    ## How to load it

    In these examples `MODEL` is a folder written by `ltr export --format hf`. `ltr export` also
    writes the other formats.\#(codeNotice)

    **sentence-transformers**

    ```python
    from sentence_transformers import CrossEncoder

    model = CrossEncoder("MODEL", max_length=\#(maximumLength)\#(trust))
    print(model.rank("how to restore a file", ["Open the trash …", "Share a folder …"]))
    ```

    **transformers**

    ```python
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("MODEL")
    model = AutoModelForSequenceClassification.from_pretrained("MODEL"\#(trust)).eval()
    pairs = tokenizer(
        ["query"], ["text"], truncation=True, max_length=\#(maximumLength), padding=True,
        return_tensors="pt")
    with torch.no_grad():
        print(model(**pairs).logits[:, 0])
    ```

    """# + serverSection + onnxRuntime + (loadsInLlama ? Self.llama : "") + #"""

      **ltr**: `ltr serve --model MODEL`, or `ltr rerank --model MODEL …` for the run of a whole
      collection.

      """#
  }

  private var serverSection: String {
    (servers.contains(.textEmbeddingsInference) ? Self.textEmbeddingsInference : "")
      + (servers.contains(.vLLM) ? vLLM : "")
  }

  private var trust: String { loading.trustsCode ? ", trust_remote_code=True" : "" }

  private var codeNotice: String {
    loading.trustsCode
      ? """
       Versions of transformers below 5
      run this model with code of its authors, which they download (`trust_remote_code`); later ones
      do not load it.
      """ : ""
  }

  private var onnxRuntime: String {
    let inputs =
      hasTokenTypes
      ? "`input_ids`, `attention_mask` and\n`token_type_ids` (int64)"
      : "`input_ids` and\n`attention_mask` (int64)"
    let given =
      hasTokenTypes
      ? """
      "input_ids": pair.ids, "attention_mask": pair.attention_mask,
          "token_type_ids": pair.type_ids}
      """ : #""input_ids": pair.ids, "attention_mask": pair.attention_mask}"#
    return #"""

      **ONNX Runtime**: `ltr export --format onnx`; inputs \#(inputs), output `logits`, raw.

      ```python
      import numpy as np
      import onnxruntime
      from tokenizers import Tokenizer

      tokenizer = Tokenizer.from_file("tokenizer.json")
      tokenizer.enable_truncation(\#(maximumLength))
      session = onnxruntime.InferenceSession("model.onnx")
      pair = tokenizer.encode("query", "text")
      inputs = {
          \#(given)
      inputs = {name: np.array([ids], dtype=np.int64) for name, ids in inputs.items()}
      print(session.run(["logits"], inputs)[0])
      ```

      """#
  }

  private static let textEmbeddingsInference = #"""

    **text-embeddings-inference**: `text-embeddings-router --model-id MODEL`, then `POST /rerank`;
    `"raw_scores": true` gives the logits.

    """#

  private var vLLM: String {
    """

    **vLLM**: `vllm serve MODEL\(loading.vLLMOptions)`, then `POST /v1/rerank`.

    """
  }

  private static let llama = """

    **llama.cpp**: `ltr export --format gguf`, then `llama-server -m model-f32.gguf --reranking`,
    and `POST /v1/rerank`. Its arithmetic differs a little.

    """
}
