/// How many documents are scored in a second, lately.
struct Rate {
  private var perSecond: Double?
  private var counted = 0
  private var since = ContinuousClock.now

  /// Forgets that there was nothing to do.
  mutating func restart() { (counted, since) = (0, .now) }

  mutating func count(_ documents: Int) {
    counted += documents
    let seconds = (ContinuousClock.now - since) / .seconds(1)
    guard seconds > 1 else { return }
    perSecond = Double(counted) / seconds
    (counted, since) = (0, .now)
  }

  /// How many seconds so many documents will take: a whole number from 1 to 60.
  func seconds(for documents: Int) -> Int {
    guard let perSecond, perSecond > 0 else { return 1 }
    return Int(min(60, max(1, (Double(documents) / perSecond).rounded(.up))))
  }
}
