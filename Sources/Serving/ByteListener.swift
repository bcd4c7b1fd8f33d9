import NIOCore

/// Tells a connection's guard, which is behind the parser, of bytes that are not yet a complete
/// head.
final class ByteListener: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let listener: ConnectionGuard

  init(_ listener: ConnectionGuard) { self.listener = listener }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Some clients send an empty line after a body; it does not begin a request.
    let isEmpty = unwrapInboundIn(data).readableBytesView.allSatisfy { $0 == 0x0D || $0 == 0x0A }
    if !isEmpty { listener.bytesCame() }
    context.fireChannelRead(data)
  }
}

@available(*, unavailable)
extension ByteListener: Sendable {}
