/// What happens while something is fetched.
public enum HubEvent: Sendable {
  /// Something that a user should know: a wait, or what is used instead.
  case note(String)
  /// The files of `name` are being fetched: so many, with so many bytes if that is known.
  case began(name: String, files: Int, bytes: Int?)
  /// So many of these bytes have arrived.
  case arrived(bytes: Int)
  /// All have arrived, or fetching failed.
  case ended
}
