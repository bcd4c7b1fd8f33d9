import Diagnostics
import Files

/// What is said of faults of the hub and of the way to it.
enum Faults {
  private static let tokens = "https://huggingface.co/settings/tokens"

  /// A server that did not answer, or not with what was asked for.
  static func unanswered(
    _ fault: TemporaryFault, _ server: String, hasToken: Bool
  ) -> Failure {
    if fault.status == 429 {
      return Failure(
        .unavailable, "the server limits the number of requests (status 429)", at: Place(server),
        expected: fault.wait.map { "no request for \(Int($0)) s" },
        remedy: hasToken
          ? "wait, and run the command again"
          : "wait, or set HF_TOKEN to a token, with which more requests are allowed (\(tokens))")
    }
    let problem =
      fault.isUnreachable
      ? "the server cannot be reached: \(fault.problem)"
      : "the server does not answer: \(fault.problem)"
    return Failure(
      .unavailable, problem, at: Place(server),
      remedy:
        "check the connection (HF_ENDPOINT, https_proxy) and run the command again: it goes on "
        + "where it stopped")
  }

  /// A response whose status is an error, to a request about a model.
  ///
  /// - Parameters:
  ///   - code: what the hub calls the fault, in `X-Error-Code`.
  ///   - message: its words for it.
  ///   - file: the file that was asked for; nil for the model itself.
  static func refusal(
    _ status: Int, code: String?, message: String?, of name: HubName, file: String? = nil,
    _ settings: HubSettings
  ) -> Failure {
    let place = Place("\(name)", key: file)
    let page = "\(settings.endpoint)/\(name.repository)"
    let told = message.map { " (\($0))" } ?? ""
    switch (status, code) {
    case (_, "GatedRepo"?), (403, _):
      let access = "accept the conditions at \(page) with an account of the hub"
      return Failure(
        .missingInput, "access to the model is restricted" + told, at: place,
        expected: "a token of an account that has access",
        remedy: settings.token == nil
          ? "\(access), get a token at \(tokens), and set HF_TOKEN to it"
          : "\(access): that of the token in HF_TOKEN has no access yet")
    case (401, _) where settings.token != nil && code != "RepoNotFound":
      return Failure(
        .missingInput, "the hub rejects the token" + told, at: place,
        expected: "a valid token, in HF_TOKEN or in the file that 'hf auth login' writes",
        remedy: "get a new one at \(tokens), or unset HF_TOKEN for public models")
    case (404, "RevisionNotFound"?):
      return Failure(
        .missingInput, "the model has no revision '\(name.wanted)'", at: place,
        expected: "a branch, a tag or a commit",
        remedy: "see \(page)/tree/main, or omit '@\(name.wanted)'")
    case (404, "EntryNotFound"?):
      return Failure(
        .missingInput, "the model has no file '\(file ?? "")'", at: place,
        remedy: "run the command again: the model may have changed meanwhile")
    case (401, _), (404, _):
      return Failure(
        .missingInput, "the hub has no such model, or it is private", at: place,
        expected: "an existing repository, as in hf:cross-encoder/ms-marco-MiniLM-L6-v2",
        remedy: settings.token == nil
          ? "check the name; for a private model, set HF_TOKEN to a token (\(tokens))"
          : "check the name, and that the token's account may read it")
    default:
      return Failure(
        .unavailable, "the hub answers with status \(status)" + told, at: place,
        remedy: "check HF_ENDPOINT, and run the command again later")
    }
  }

  /// A server that is no hub.
  static func notAHub(_ what: String, _ settings: HubSettings) -> Failure {
    Failure(
      .badData, "the server's answer is not a hub's: \(what)", at: Place(settings.endpoint),
      expected: "the interface of \(HubSettings.publicHub)", remedy: "check HF_ENDPOINT")
  }

  /// A model that is needed and not in the cache, where the network may not be used.
  static func notCached(
    _ name: HubName, missing: String?, in cache: String
  ) -> Failure {
    Failure(
      .unavailable,
      "the network may not be used, and "
        + (missing.map { "the cache holds the model without \($0)" }
          ?? "the model is not in the cache"),
      at: Place("\(name)"), expected: "the model's files in \(cache)",
      remedy: "run 'ltr fetch \(name)' with a network: without --offline and HF_HUB_OFFLINE")
  }

  /// A repository without anything that is a model here.
  static func unusable(
    _ name: HubName, names: [String], base: String?, lacks what: String
  ) -> Failure {
    let kinds = [
      (".gguf", "GGUF"), (".onnx", "ONNX"), (".h5", "TensorFlow"), (".msgpack", "Flax"),
      (".tflite", "TensorFlow Lite"), (".mlpackage", "Core ML"), (".safetensors", "safetensors"),
      (".bin", "PyTorch"), (".pt", "PyTorch"), (".nemo", "NeMo"), (".parquet", "a data set"),
    ]
    let found = kinds.compactMap { ending, kind in
      names.first { $0.hasSuffix(ending) }.map { "\(kind) (\($0))" }
    }
    let held =
      found.isEmpty
      ? names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " …" : "")
      : found.joined(separator: ", ")
    return Failure(
      .missingInput,
      "the repository has \(what); it has " + (held.isEmpty ? "no files" : held),
      at: Place("\(name)"),
      expected: "config.json, a tokenizer, and model.safetensors or pytorch_model.bin",
      remedy: base.map { "name the model that it was made from: hf:\($0)" }
        ?? "name the repository with the model that it was made from")
  }

  /// A file whose bytes are not those that were announced.
  static func damaged(
    _ what: String, _ check: (name: String, digits: String), found: String
  ) -> Failure {
    Failure(
      .badData, "checksum mismatch: what arrived is not the file that was announced",
      at: Place(what), expected: "\(check.name) \(check.digits), not \(found)",
      remedy: "run the command again; nothing of it was kept")
  }

  /// A disk without room.
  static func noRoom(_ bytes: Int, free: Int, at path: String) -> Failure {
    Failure(
      .io,
      "the disk has too little room: \(HubEvent.size(bytes)) are needed, \(HubEvent.size(free)) are free",
      at: Place(path),
      remedy: "free some space there, or set HF_HOME (for collections LTR_HOME) to another disk")
  }

  /// A lock that another program holds without getting on.
  static func locked(_ what: String, _ lock: String, seconds: Double) -> Failure {
    Failure(
      .unavailable,
      "another program is fetching this, and nothing arrived for \(Int(seconds.rounded())) s",
      at: Place(what), expected: "that it ends and lets go of \(lock)",
      remedy: "end that program, and run the command again")
  }
}
