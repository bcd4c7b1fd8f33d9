import Foundation

extension Date {
  private static let calendar = Calendar(identifier: .gregorian)

  /// The format of the `Date` header (RFC 9110): `Sun, 06 Nov 1994 08:49:37 GMT`.
  var inHeader: String {
    let parts = Self.calendar.dateComponents(in: .gmt, from: self)
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func padded(_ number: Int?) -> String {
      let number = number ?? 0
      return number < 10 ? "0\(number)" : "\(number)"
    }
    let day = "\(weekdays[(parts.weekday ?? 1) - 1]), \(padded(parts.day))"
    let month = months[(parts.month ?? 1) - 1]
    let time = [parts.hour, parts.minute, parts.second].map(padded).joined(separator: ":")
    return "\(day) \(month) \(padded(parts.year)) \(time) GMT"
  }
}
