/// The numbers of tokens of each text that are retained if a pair must fit a length.
enum Truncation {
  /// The strategy `longest_first`: the longer sequence loses tokens at its end until both are
  /// equally long, then both do, and the longer one retains the odd token (the second, if they are
  /// equally long).
  ///
  /// `room` is the number of tokens for both, without special tokens; the lengths sum to at most
  /// `room`.
  static func longestFirst(first: Int, second: Int, room: Int) -> (first: Int, second: Int) {
    if first + second <= room { return (first, second) }
    let shorter = min(first, second)
    let kept =
      shorter <= room / 2
      ? (shorter, room - shorter)
      : (room / 2, room - room / 2)
    return first > second ? (kept.1, kept.0) : kept
  }

  /// The second text loses tokens at its end, down to one; only then does the first. The tail of a
  /// text, the number of tokens that stay at the end of a truncated one, does not count.
  ///
  /// `room` is as in `longestFirst`, and at least the sum of the tails.
  static func secondFirst(
    first: Int, second: Int, room: Int, firstTail: Int = 0, secondTail: Int = 0
  ) -> (first: Int, second: Int) {
    let least = min(second, secondTail + 1)
    let first = min(first, max(firstTail, room - least, 0))
    return (first, min(second, max(secondTail, room - first)))
  }
}
