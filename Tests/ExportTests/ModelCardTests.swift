import Export
import Testing

@Suite struct ModelCardTests {
  private var card: ModelCard {
    ModelCard(
      name: "helpdesk", model: [.init("layers", "6"), .init("parameters", "22713601")],
      maximumLength: 200)
  }

  /// What is not known is not said.
  @Test func aModelFromNowhereHasAShortCard() throws {
    let text = try card.text()
    #expect(text.hasPrefix("---\nlicense: \"unknown\"\nlibrary_name: sentence-transformers\n"))
    #expect(text.contains("pipeline_tag: text-ranking\ntags:\n  - sentence-transformers\n"))
    #expect(text.contains("\n# helpdesk\n"))
    #expect(text.contains("| parameters | 22713601 |"))
    #expect(text.contains("max_length=200)"))
    for word in [
      "## Results", "## Data", "## Training", "fine-tuned", "Do not serve", "exp(", "{{",
    ] { #expect(!text.contains(word), "\(word)") }
    for reader in [
      "sentence-transformers**", "transformers**", "text-embeddings-inference", "vLLM", "ONNX",
      "llama-server", "ltr serve",
    ] { #expect(text.contains(reader), "\(reader)") }
  }

  @Test func tellsWhatIsKnown() throws {
    var card = card
    card.base = "all-MiniLM-L6-v2"
    card.license = "apache-2.0"
    card.data = [.init("training", "Data/helpdesk, split train")]
    card.training = [.init("loss", "lambdarank")]
    card.results = [
      .init(
        title: "test, 30 queries", measures: ["nDCG@10", "AP"],
        rows: [("first stage", ["0.5", "0.4"]), ("model", ["0.6 [0.5, 0.7]", "0.5"])])
    ]
    card.warning = "the model is not better than its first stage"
    card.calibration = [.init("fitted on", "10 candidates")]
    let text = try card.text()
    #expect(text.contains("license: \"apache-2.0\"\n"))
    #expect(text.contains("It was fine-tuned from all-MiniLM-L6-v2."))
    #expect(text.contains("not serve this model as it is:** the model is not better than its"))
    #expect(
      text.contains(
        """
        ### test, 30 queries

        |  | nDCG@10 | AP |
        | --- | --- | --- |
        | first stage | 0.5 | 0.4 |
        | model | 0.6 [0.5, 0.7] | 0.5 |

        """))
    #expect(text.contains("| training | Data/helpdesk, split train |"))
    #expect(text.contains("| loss | lambdarank |"))
    #expect(text.contains("| fitted on | 10 candidates |"))
    #expect(text.contains("Scores are raw logits"))
    card.isCalibrated = true
    #expect(try card.text().contains("includes the calibration below"))
  }

  /// Inputs and programs are named only where the model has them.
  @Test func namesNoInputThatTheModelLacks() throws {
    var card = card
    #expect(try card.text().contains(#""token_type_ids": pair.type_ids}"#))
    card.hasTokenTypes = false
    card.loadsInLlama = false
    card.servers = [.vLLM]
    let text = try card.text()
    #expect(
      text.contains("inputs `input_ids` and\n`attention_mask` (int64), output `logits`, raw."))
    #expect(text.contains(#""input_ids": pair.ids, "attention_mask": pair.attention_mask}"#))
    #expect(text.contains("\n```\n\n**vLLM**") && text.contains("/v1/rerank`.\n\n**ONNX"))
    for word in ["token_type", "llama", "text-embeddings"] {
      #expect(!text.contains(word), "\(word)")
    }
  }

  /// What programs have to be told is in every example.
  @Test func codeOfTheFiles() throws {
    var card = card
    #expect(try !card.text().contains("trust_remote_code"))
    card.loading = .init(trustsCode: true, vLLMOptions: " --hf-overrides 'x'")
    let text = try card.text()
    #expect(text.contains("writes the other formats. Versions of transformers below 5\nrun this"))
    let length = card.maximumLength
    #expect(text.contains("max_length=\(length), trust_remote_code=True)\nprint"))
    #expect(text.contains(#"from_pretrained("MODEL", trust_remote_code=True).eval()"#))
    #expect(text.contains("`vllm serve MODEL --hf-overrides 'x'`, then"))
  }

  /// Names may hold anything; the card is still one table and one heading.
  @Test func keepsItsForm() throws {
    var card = card
    card.name = "a | b\n# c {{license}} <script>"
    card.license = "my \"own\"\nlicense: x"
    let text = try card.text()
    #expect(text.contains("\n# a \\| b # c {{license}} \\<script\\>\n"))
    #expect(text.contains(#"license: "my \"own\"\nlicense: x""# + "\n"))
  }
}
