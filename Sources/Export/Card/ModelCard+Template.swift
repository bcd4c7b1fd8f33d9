extension ModelCard {
  /// The card, in Mustache; what is not known has no section.
  static let template = #"""
    ---
    license: {{{license_yaml}}}
    library_name: sentence-transformers
    pipeline_tag: text-ranking
    tags:
      - sentence-transformers
      - cross-encoder
      - reranker
      - text-ranking
      - ltr
    ---

    # {{{name}}}

    A cross-encoder: it reads a query and a text together and gives one number, the higher the
    more relevant the text is to the query. It puts the first hundred or so results of a search
    into a better order.
    {{#base}}
    It was fine-tuned from {{{base}}}.
    {{/base}}
    {{#warning}}

    > **Do not serve this model as it is:** {{{warning}}}.
    {{/warning}}

    | | |
    | --- | --- |
    {{#model}}
    | {{{name}}} | {{{value}}} |
    {{/model}}
    | licence | {{{license}}} |
    | licence of the base model | {{{base_license}}} |
    {{#has_results}}

    ## Results

    The candidates that the first stage found, in several orders. The model was chosen on the
    development queries, so their values are a little too good.
    {{#has_intervals}}
    In brackets are 95 % intervals over queries (bootstrap); the last rows are gains over the
    first stage, query by query.
    {{/has_intervals}}
    {{#results}}

    ### {{{title}}}

    {{{table}}}
    {{/results}}
    {{/has_results}}
    {{#has_data}}

    ## Data

    | | |
    | --- | --- |
    {{#data}}
    | {{{name}}} | {{{value}}} |
    {{/data}}
    {{/has_data}}
    {{#has_training}}

    ## Training

    | | |
    | --- | --- |
    {{#training}}
    | {{{name}}} | {{{value}}} |
    {{/training}}
    {{/has_training}}

    ## Intended use

    Ordering the results of a search (BM25, embeddings, or both) for a query, in the language and
    field of the data it has learned from. Scores compare texts for one query; they are not made
    to compare queries with each other.

    ## Limits

    - A pair has at most {{{length}}} tokens, special tokens included; longer texts are cut at
      their end, and what is behind the cut is not seen.
    - It orders what a first stage has found and finds nothing by itself.
    - It has whatever errors and preferences the judgments and the base model have. Measure it on
      queries of your own before you rely on it.

    ## Scores
    {{#is_calibrated}}

    The raw score has the calibration below in it already: its sigmoid reads as the probability of
    relevance, for candidates like those it was fitted on. The configuration asks for that sigmoid.
    {{/is_calibrated}}
    {{^is_calibrated}}

    Scores are raw logits, of any size and sign. A sigmoid keeps their order.
    {{/is_calibrated}}
    {{#has_calibration}}

    | | |
    | --- | --- |
    {{#calibration}}
    | {{{name}}} | {{{value}}} |
    {{/calibration}}
    {{/has_calibration}}

    ## How to load it

    In these lines `MODEL` is a folder as `ltr export --format hf` writes it. The other formats are
    written by `ltr export` too.

    **sentence-transformers**

    ```python
    from sentence_transformers import CrossEncoder

    model = CrossEncoder("MODEL", max_length={{{length}}})
    print(model.rank("how to restore a file", ["Open the trash …", "Share a folder …"]))
    ```

    **transformers**

    ```python
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("MODEL")
    model = AutoModelForSequenceClassification.from_pretrained("MODEL").eval()
    pairs = tokenizer(
        ["query"], ["text"], truncation=True, max_length={{{length}}}, padding=True,
        return_tensors="pt")
    with torch.no_grad():
        print(model(**pairs).logits[:, 0])
    ```

    **text-embeddings-inference**: `text-embeddings-router --model-id MODEL`, then `POST /rerank`;
    `"raw_scores": true` gives the logits.

    **vLLM**: `vllm serve MODEL`, then `POST /v1/rerank`.

    **ONNX Runtime**: `ltr export --format onnx`; inputs `input_ids`, `attention_mask` and
    `token_type_ids` (int64), output `logits`, raw.

    ```python
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file("tokenizer.json")
    tokenizer.enable_truncation({{{length}}})
    session = onnxruntime.InferenceSession("model.onnx")
    pair = tokenizer.encode("query", "text")
    inputs = {
        "input_ids": pair.ids, "attention_mask": pair.attention_mask,
        "token_type_ids": pair.type_ids}
    inputs = {name: np.array([ids], dtype=np.int64) for name, ids in inputs.items()}
    print(session.run(["logits"], inputs)[0])
    ```

    **llama.cpp**: `ltr export --format gguf`, then `llama-server -m model-f32.gguf --reranking`,
    and `POST /v1/rerank`. Its arithmetic differs a little.

    **ltr**: `ltr serve --model MODEL`, or `ltr rerank --model MODEL …` for the run of a whole
    collection.

    Written by ltr {{{version}}}.
    """# + "\n"
}
