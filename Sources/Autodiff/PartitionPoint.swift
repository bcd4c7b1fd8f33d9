extension Array {
  /// The index of the first element of the later part of an array, in which the elements that satisfy
  /// a condition come after all others; `endIndex` if there are none. O(log n).
  @inline(__always)
  func partitionPoint(_ isInLaterPart: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isInLaterPart(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
