import JSON
import Options

extension StageOptions {
  /// The descriptions of a first stage's keys.
  static var itemDescriptions: [KeyDescription] {
    func key(_ name: String, _ kind: ValueKind<String>, _ meaning: String) -> KeyDescription {
      KeyDescription(name, kind, default: "null", meaning)
    }
    var server = KeyDescription(
      "server", section: SearchServerOptions.descriptions(), isRequired: false,
      "OpenSearch or Elasticsearch, queried over HTTP; its credentials are LTR_SEARCH_API_KEY, or "
        + "LTR_SEARCH_USER and LTR_SEARCH_PASSWORD, in the environment")
    server.isOptional = true
    var fuse = key(
      "fuse", .text("a list of two or more first stages"),
      "several first stages fused into one ranking")
    fuse.schema = [
      "type": "array", "items": ["$ref": "#/definitions/stage"], "minItems": 2,
    ]
    let by = KeyDescription(
      "by", ValueKind<Fusion>.choice, default: Fusion.rrf.rawValue,
      "of a fusion: reciprocal ranks, or weighted scores, scaled to 0…1 (weighted) or standardised "
        + "(z_score)")
    var build = KeyDescription(
      "build", ValueKind<Build>.choice, default: "null",
      "the kind of index to build where the folder does not exist: words (bm25, English), or "
        + "embeddings of 'model' (dense); null builds none")
    build.isRequired = false
    return [
      key("index", .text("the path of an index"), "the folder of an index of 'ltr index build'"),
      build,
      key("run", .text("the path of a run file"), "a run file"), server, fuse, by,
    ] + descriptions() + IndexSearchOptions.descriptions()
  }

  /// The JSON Schema of a first stage.
  static var schema: JSONValue { .object(JSONSchema.mapping(itemDescriptions)) }
}

extension KeyDescription {
  /// The key `first_stage` of a job.
  static var firstStage: KeyDescription {
    let stage: JSONValue = ["$ref": "#/definitions/stage"]
    let kind = ValueKind<String>(
      read: { _, _ in nil }, text: { $0 },
      type: "a first stage, or a list of them", range: "",
      schema: ["anyOf": [stage, ["type": "array", "items": stage, "minItems": 1]]])
    var key = KeyDescription(
      "first_stage", kind, default: nil,
      "where candidates come from: an index, a run file, a search server, or several fused into "
        + "one ranking; a list keeps several apart, each with its own ranks and scores, to "
        + "which the filters apply")
    key.items = StageOptions.itemDescriptions
    let stageLines = [
      "index: Checkpoints/helpdesk-bm25", "name: bm25  # the default is the name of the folder",
      "depth: 100  # candidates of a query",
    ]
    key.sample = stageLines
    key.alternative =
      ([
        "first_stage: { index: Indexes/dense, model: M, precision: auto, nprobe: 16, ef_search: 64 }",
        "first_stage: { index: Indexes/new, build: bm25 }",
        "first_stage:",
        "  fuse: [{ index: Indexes/bm25, weight: 1 }, { index: Indexes/dense, weight: 2, depth: 200 }]",
        "  by: rrf  # or weighted, z_score",
        "first_stage:",
        "  - { index: Indexes/bm25, name: bm25, quota: 5 }",
        "  - { index: Indexes/dense, name: dense }", "first_stage:",
      ]
      + EveryKey.example(
        "server", SearchServerOptions.descriptions(), margin: EveryKey.margin + 2
      ).map { "  " + $0 })
      .joined(separator: "\n")
    return key
  }
}
