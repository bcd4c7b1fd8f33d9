/// The prompt of a published reranker, recognised by its files. A new one is a value below and its
/// line in `all`.
public struct KnownPrompt: Sendable {
  /// The name by which users ask for it.
  public var name: String
  /// The values of `model_type` of the models.
  var modelTypes: Set<String>
  /// Parts of the models' names, in small letters.
  var modelNames: [String]
  /// A part of their chat template that no other has; nil without one.
  var chatText: String?
  /// The prompt.
  public var template: PromptTemplate

  /// All of them.
  public static let all: [KnownPrompt] = [
    qwen3Reranker, mxbaiRerank, bgeGemma, nemotron, monoT5, monoMT5, monoPTT5, rankT5,
  ]

  /// The prompt with this name; nil if there is none.
  public static func named(_ name: String) -> KnownPrompt? {
    all.first { $0.name == name.lowercased() }
  }

  /// The prompt of a model; nil if none is known.
  ///
  /// - Parameters:
  ///   - modelType: the `model_type` of its configuration.
  ///   - names: what it is called: its folder, `_name_or_path`.
  ///   - chatTemplate: the chat template of its tokenizer.
  public static func of(
    modelType: String, names: [String], chatTemplate: String?
  ) -> KnownPrompt? {
    let candidates = all.filter { $0.modelTypes.contains(modelType) }
    let names = names.map { $0.lowercased() }
    return candidates.first { known in
      known.modelNames.contains { part in names.contains { $0.contains(part) } }
    }
      ?? candidates.first { known in
        known.chatText.map { chatTemplate?.contains($0) == true } ?? false
      }
  }

  /// The values of `model_type` of language models, which read a query and a document only in a
  /// prompt that they were trained with.
  public static let modelTypes: Set<String> = [
    "llama", "llama_bidirec", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3",
    "gemma3_text", "t5", "mt5", "umt5",
  ]
}

extension KnownPrompt {
  /// Qwen3-Reranker (Zhang et al., 2025), as on its model card: the text around the pair is tokenized
  /// by itself, and stays when the pair is truncated.
  private static let qwen3Reranker = KnownPrompt(
    name: "qwen3-reranker", modelTypes: ["qwen3"], modelNames: ["qwen3-reranker"],
    chatText: "Judge whether the Document meets the requirements",
    template: PromptTemplate(
      text:
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query"
        + " and the Instruct provided. Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
        + "<|im_start|>user\n{break}<Instruct>: {instruction}\n<Query>: {query}\n"
        + "<Document>: {document}{break}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
      instruction: "Given a web search query, retrieve relevant passages that answer the query",
      answers: .init(positive: "yes", negative: "no")))

  /// mxbai-rerank-v2, base and large, as its package `mxbai-rerank` 0.1.6 puts the parts together.
  private static let mxbaiRerank = KnownPrompt(
    name: "mxbai-rerank-v2", modelTypes: ["qwen2"],
    modelNames: ["mxbai-rerank-base-v2", "mxbai-rerank-large-v2"],
    chatText: "You are a search relevance expert",
    template: PromptTemplate(
      text:
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant."
        + "<|im_end|>\n<|im_start|>user\n{break}{if instruction}instruction: {instruction}\n{end}"
        + "query: {query}{break}\n{break}document: {document}{break}\n{break}"
        + "You are a search relevance expert who evaluates how well documents match search queries."
        + " For each query-document pair, carefully analyze the semantic relationship between them,"
        + " then provide your binary relevance judgment (0 for not relevant, 1 for relevant).\n"
        + "Relevance:{break}<|im_end|>\n<|im_start|>assistant\n",
      answers: .init(positive: "1", negative: "0")))

  /// bge-reranker-v2-gemma (Li et al., 2023), as FlagEmbedding 1.4.2 puts the parts together.
  private static let bgeGemma = KnownPrompt(
    name: "bge-reranker-v2-gemma", modelTypes: ["gemma"], modelNames: ["bge-reranker-v2-gemma"],
    template: PromptTemplate(
      text: "A: {query}{break}\n{break}B: {document}{break}\n{break}"
        + "{instruction}",
      instruction:
        "Given a query A and a passage B, determine whether the passage contains an answer"
        + " to the query by providing a prediction of either 'Yes' or 'No'.",
      answers: .init(positive: "Yes")))

  /// NVIDIA's llama-nemotron-rerank and llama-3.2-nv-rerankqa, as on their model cards.
  private static let nemotron = KnownPrompt(
    name: "nemotron-rerank", modelTypes: ["llama", "llama_bidirec"],
    modelNames: ["nemotron-rerank", "nv-rerankqa"], chatText: " passage:",
    template: PromptTemplate(text: "question:{query} \n \n passage:{document}"))

  /// monoT5 (Nogueira et al., 2020), as pygaggle 0.0.3 writes it; the end token is the tokenizer's.
  private static let monoT5 = monoT5(
    "monot5", ["t5", "mt5", "umt5"], ["monot5"], positive: "true", negative: "false")

  /// The multilingual models of mMARCO (Bonifacio et al., 2021), with pygaggle's answers. The largest
  /// ones have an answer that is not a token of any text.
  private static let monoMT5 = monoT5(
    "mt5-mmarco", ["mt5", "t5"],
    ["mt5-base-mmarco", "mt5-base-en-msmarco", "mt5-base-en-pt-msmarco"], positive: "yes",
    negative: "no")

  /// The Portuguese ones.
  private static let monoPTT5 = monoT5(
    "ptt5-msmarco", ["t5"], ["ptt5-base-pt-msmarco", "ptt5-base-en-pt-msmarco"], positive: "sim",
    negative: "não")

  private static func monoT5(
    _ name: String, _ types: Set<String>, _ models: [String], positive: String, negative: String
  ) -> KnownPrompt {
    KnownPrompt(
      name: name, modelTypes: types, modelNames: models,
      template: PromptTemplate(
        text: "Query: {query} Document: {document} Relevant:",
        answers: .init(positive: positive, negative: negative)))
  }

  /// RankT5 (Zhuang et al., 2023): the logit of a token that texts do not have is the score.
  private static let rankT5 = KnownPrompt(
    name: "rankt5", modelTypes: ["t5", "mt5", "umt5"], modelNames: ["rankt5"],
    template: PromptTemplate(
      text: "Query: {query} Document: {document}", answers: .init(positive: "<extra_id_10>")))
}
