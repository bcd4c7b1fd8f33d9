import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// A response before it is written.
struct Reply: Sendable {
  var status = 200
  var type = "application/json"
  var body: [UInt8]
  /// Additional headers.
  var headers: [(name: String, value: String)] = []

  init(_ body: [UInt8], type: String = "application/json") {
    self.body = body
    self.type = type
  }

  init(_ text: String, type: String = "text/plain; charset=utf-8") {
    self.init(Array(text.utf8), type: type)
  }

  /// A response without a body.
  static var empty: Reply {
    var reply = Reply([])
    reply.status = 204
    return reply
  }

  /// A refusal, in its own shape, else in that of the server's option, else in that of the route.
  init(_ refusal: Refusal, on route: Route, forced: (any RequestShape)?) {
    var shape = route.shape
    if case .rerank = route, let forced { shape = forced }
    let answer = (refusal.shape ?? shape).answer(refusal)
    self.init(answer.body)
    status = answer.status
    if let seconds = refusal.retryAfter { headers.append(("retry-after", "\(seconds)")) }
    if let allowed = refusal.allowed { headers.append(("allow", allowed)) }
    if refusal.status == 401 { headers.append(("www-authenticate", "Bearer")) }
  }

  /// The response; a HEAD request gets no body.
  func response(headOnly: Bool) -> Response {
    var response = Response(
      status: .init(
        code: status, reasonPhrase: HTTPResponseStatus(statusCode: status).reasonPhrase),
      headers: status == 204 ? [:] : [.contentType: type, .contentLength: "\(body.count)"],
      body: headOnly ? .init() : .init(byteBuffer: ByteBuffer(bytes: body)))
    for header in headers {
      guard let name = HTTPFields.Element.Name(header.name) else { continue }
      response.headers[name] = header.value
    }
    return response
  }
}
