/// How many tokens of each text are retained when a pair must fit a length.
enum Truncation {
  /// The strategy `longest_first`: the longer sequence gives up tokens at its end until both are
  /// equally long, then both do, and the longer one keeps the odd token (the second, where they
  /// are equally long).
  ///
  /// `room` is what is left for both, without special tokens; the lengths sum to at most `room`.
  static func longestFirst(first: Int, second: Int, room: Int) -> (first: Int, second: Int) {
    if first + second <= room { return (first, second) }
    let shorter = min(first, second)
    let kept =
      shorter <= room / 2
      ? (shorter, room - shorter)
      : (room / 2, room - room / 2)
    return first > second ? (kept.1, kept.0) : kept
  }

  /// The second text gives up tokens at its end, but for one; only then does the first.
  ///
  /// `room` is as in `longestFirst`.
  static func secondFirst(first: Int, second: Int, room: Int) -> (first: Int, second: Int) {
    let first = min(first, max(0, room - min(second, 1)))
    return (first, min(second, room - first))
  }
}
