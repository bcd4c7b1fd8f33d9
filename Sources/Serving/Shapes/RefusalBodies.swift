/// The error of a response as clients read it: Cohere's in `message`, Jina's in `detail`, those of
/// vLLM, llama.cpp and OpenAI in the object `error`.
struct CommonError: Encodable {
  struct Details: Encodable {
    let message: String
    let type: String
    let code: Int
  }

  let message: String
  let detail: String
  let error: Details

  init(_ refusal: Refusal, status: Int) {
    message = refusal.reason
    detail = refusal.reason
    let type =
      switch status {
      case 401: "authentication_error"
      case 404, 405: "not_found_error"
      case 429: "rate_limit_error"
      case 503, 504: "unavailable_error"
      case 500...: "server_error"
      default: "invalid_request_error"
      }
    error = Details(message: refusal.reason, type: type, code: status)
  }
}

/// The error as clients of text-embeddings-inference and Weaviate's module read it: a text in
/// `error`.
struct InferenceError: Encodable {
  let error: String
  let errorType: String
  let message: String
  let detail: String

  init(_ refusal: Refusal) {
    (error, message, detail) = (refusal.reason, refusal.reason, refusal.reason)
    errorType = refusal.kind.rawValue
  }
}
