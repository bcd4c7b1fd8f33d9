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

  /// A number of bytes as text: `1.2 GB`.
  public static func size(_ bytes: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    let tenths = (value * 10).rounded() / 10
    return unit == 0 || tenths >= 100
      ? "\(Int(value.rounded())) \(units[unit])" : "\(tenths) \(units[unit])"
  }
}
