/// A request that gets no scores: why, and with which status.
package struct Refusal: Error, Sendable {
  /// The classes of refusals, by the names that text-embeddings-inference has for them.
  package enum Kind: String, Sendable {
    case validation = "Validation"
    case empty = "Empty"
    case overloaded = "Overloaded"
    case unhealthy = "Unhealthy"
    case backend = "Backend"
  }

  /// The status of the response, unless its shape has another for the class.
  var status: Int
  /// Which class this is.
  var kind = Kind.validation
  /// What is wrong, for the client.
  package let reason: String
  /// After how many seconds another attempt is worth while.
  var retryAfter: Int?
  /// The methods that would have been right.
  var allowed: String?
  /// The form in which the client is told, where it is not that of the route.
  var shape: (any RequestShape)?

  package init(
    _ status: Int, _ reason: String, kind: Kind = .validation, retryAfter: Int? = nil,
    allowed: String? = nil
  ) {
    self.status = status
    self.reason = reason
    self.kind = kind
    self.retryAfter = retryAfter
    self.allowed = allowed
  }

  /// The same, told in a shape.
  func told(in shape: any RequestShape) -> Refusal {
    var refusal = self
    refusal.shape = shape
    return refusal
  }
}
