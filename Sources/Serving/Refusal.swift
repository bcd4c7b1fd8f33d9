/// A request that is refused: the reason and the status.
package struct Refusal: Error, Sendable {
  /// The classes of refusals, by their names in text-embeddings-inference.
  package enum Kind: String, Sendable {
    case validation = "Validation"
    case empty = "Empty"
    case overloaded = "Overloaded"
    case unhealthy = "Unhealthy"
    case backend = "Backend"
  }

  /// The status of the response, unless its shape has a different one for the class.
  var status: Int
  /// The class.
  var kind = Kind.validation
  /// The reason, for the client.
  package let reason: String
  /// The number of seconds after which a retry may succeed.
  var retryAfter: Int?
  /// The allowed methods.
  var allowed: String?
  /// The shape of the response; nil for that of the route.
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

  /// The same refusal in a different shape.
  func told(in shape: any RequestShape) -> Refusal {
    var refusal = self
    refusal.shape = shape
    return refusal
  }
}
