import Options

/// `server` of a first stage. Credentials are read from the environment.
extension SearchServerOptions: Section {
  static let defaults = SearchServerOptions(url: "", index: "")

  static let options: [Option<SearchServerOptions>] = [
    .required(
      "url", \.url, .text("an address"),
      expected: "an address such as https://search.example.org:9200",
      example: "https://search.example.org:9200", "the address of the server"),
    .required(
      "index", \.index, .text("the name of an index"),
      expected: "the name of an index of the server", example: "articles",
      "the index, an alias or a pattern"),
    .optional(
      "body", \.body, .text("the path of a JSON file"),
      "a request's body, with '{{query}}' and '{{depth}}' in it; null looks for all words in title and "
        + "text"
    ).shown(as: "query.json"),
    .optional(
      "id_field", \.identifierField, .text("the name of a field"),
      "a stored field with the corpus's ids; null for the server's _id"
    ).shown(as: "docid"),
    .optional(
      "certificates", \.certificates, .text("the path of a PEM file"),
      "certificates to trust for the server, in addition to the system's"
    ).shown(as: "ca.pem"),
    .init("batch", \.batch, .integer(1...10_000), "queries in a request"),
    .init("concurrency", \.concurrency, .integer(1...256), "requests at a time"),
    .init("timeout", \.timeout, .number(.within(0.001, 86_400)), "seconds a request may take"),
    .init(
      "retries", \.retries, .integer(0...100),
      "retries when the server is busy or unreachable, each after twice the delay"),
  ]
}
