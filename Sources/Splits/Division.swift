package import Corpora
package import Diagnostics
package import Options
import Randomness

/// The judgments of a split, divided into train, dev and test.
///
/// Groups of the same and near-same queries (`QueryGroups`) are dealt out one after the other, in
/// the order of their highest grade and of a hash of their words and the seed, each to the part that
/// lacks most: so every part has about its share of each grade, and equal words and seeds give equal
/// parts on every machine, whatever the ids, the order of the lines and the layout. Groups of more
/// than a hundredth of the queries come first, so that the others can make up for them.
package struct Division: Sendable {
  /// The judgments of each part; those of parts with a share of 0 are missing.
  private let parts: [SplitShares.Part: Judgments]
  /// The number of queries that were divided, of their groups, and of the largest group's queries.
  package let queries: Int
  package let groups: Int
  package let largest: Int
  /// The number of judged queries that the collection lacks, which are in no part.
  package let unresolved: Int
  /// The name of the split that was divided.
  package let split: String

  /// The judgments of a part; none if its share is 0.
  package func judgments(of part: SplitShares.Part) -> Judgments {
    parts[part] ?? Judgments(from: split)
  }

  /// What was divided, in one line.
  package var summary: String {
    let counts = SplitShares.Part.allCases.compactMap { part in
      parts[part].map { "\($0.queries.count) \(part.rawValue)" }
    }
    var text =
      "split '\(split)' was divided: \(queries) queries in \(groups) groups of the same or nearly "
      + "the same words, " + counts.joined(separator: ", ")
    if largest > 1 { text += "; the largest group has \(largest)" }
    if unresolved > 0 {
      text += "; \(unresolved) judged queries are not in the collection and were left out"
    }
    return text
  }

  /// Divides the judged queries of a collection's split.
  ///
  /// - Throws: `missingInput` if the split does not exist; `badData` if the collection has several
  ///   splits and none is named, none of its queries is in the collection, or there are too few
  ///   groups for the parts; the errors of reading.
  package init(of collection: Collection, _ shares: SplitShares) throws(Failure) {
    let split = try shares.split(of: collection)
    try self.init(
      of: collection.judgments(split: split), split: split, in: collection, shares)
  }

  init(
    of judgments: Judgments, split: String, in collection: Collection, _ shares: SplitShares
  ) throws(Failure) {
    var (ids, texts): ([String], [String]) = ([], [])
    for id in judgments.queries {
      guard let index = collection.queryIndex(of: id) else { continue }
      ids.append(id)
      texts.append(try collection.query(at: index).text)
    }
    self.split = split
    queries = ids.count
    unresolved = judgments.queries.count - ids.count
    guard !ids.isEmpty else {
      throw Failure(
        .badData, "none of the judged queries is in the collection", at: Place(judgments.source),
        expected: "the ids of the collection's queries",
        remedy: "check that these files belong together")
    }
    var groups: [Int: QueryGroup] = [:]
    for (number, group) in QueryGroups(texts, near: shares.near).group.enumerated() {
      let highest = judgments.judgments(of: ids[number]).map(\.grade).max() ?? 0
      groups[group, default: QueryGroup()].add(
        number, grade: highest,
        key: SplitShares.key(NormalizedText(texts[number]).hash, shares.seed))
    }
    self.groups = groups.count
    largest = groups.values.map(\.members.count).max() ?? 0
    let given = SplitShares.Part.allCases.filter { shares.share(of: $0) > 0 }
    let dealt = groups.values.dealt(to: given.map(shares.share), of: ids.count)
    var parts: [SplitShares.Part: Judgments] = [:]
    for (part, members) in zip(given, dealt) {
      guard !members.isEmpty else {
        throw Failure(
          .badData,
          "\(part.rawValue) gets no queries: split '\(split)' has \(ids.count) queries in "
            + "\(groups.count) groups of the same or nearly the same words",
          at: Place(judgments.source),
          expected: "enough queries for a share of \(shares.share(of: part))",
          remedy: "give \(part.rawValue) a larger share, or judge more queries")
      }
      parts[part] = Judgments(
        // In the order of the file.
        members.sorted().lazy.flatMap { judgments.judgments(of: ids[$0]) },
        from: judgments.source, faults: judgments.textFaults)
    }
    self.parts = parts
  }
}

/// Queries that stay together.
private struct QueryGroup {
  var members: [Int] = []
  var grade = -Double.infinity
  var key = UInt64.max

  mutating func add(_ member: Int, grade: Double, key: UInt64) {
    members.append(member)
    self.grade = max(self.grade, grade)
    self.key = min(self.key, key)
  }
}

extension Sequence<QueryGroup> {
  /// Deals the groups out to parts with these shares; the members of each part.
  fileprivate func dealt(to shares: [Double], of total: Int) -> [[Int]] {
    let large = Swift.max(1, total / 100)
    let order = sorted { a, b in
      let (sizeA, sizeB) = (a.members.count, b.members.count)
      let (isLargeA, isLargeB) = (sizeA > large, sizeB > large)
      if isLargeA != isLargeB { return isLargeA }
      if isLargeA, sizeA != sizeB { return sizeA > sizeB }
      if a.grade != b.grade { return a.grade < b.grade }
      // Different words have different keys, but for a collision of 64 bits.
      return a.key != b.key ? a.key < b.key : a.members[0] < b.members[0]
    }
    // Shares of which the sum is below 1 leave nothing out.
    let sum = shares.reduce(0, +)
    var parts = shares.map { _ in [Int]() }
    var dealt = 0
    for group in order {
      dealt += group.members.count
      let lacks = parts.indices.map {
        shares[$0] / sum * Double(dealt) - Double(parts[$0].count)
      }
      let next = lacks.indices.max { lacks[$0] < lacks[$1] } ?? 0
      parts[next] += group.members
    }
    return parts
  }
}

extension SplitShares {
  /// The name of the split to divide.
  ///
  /// - Throws: `badData` if a collection has several and none is named.
  func split(of collection: Collection) throws(Failure) -> String {
    if let of { return of }
    let splits = collection.splits
    if splits.count == 1 { return splits[0] }
    throw Failure(
      .badData,
      splits.isEmpty
        ? "the collection has no judgments to divide"
        : "the collection has \(splits.count) splits: \(splits.joined(separator: ", "))",
      at: Place(collection.path),
      expected: splits.isEmpty ? "a file of judgments" : "the name of the one to divide",
      remedy: splits.isEmpty
        ? "add the judgments" : "name it, with --of or 'of', or take the splits as they are")
  }

  /// By what groups are ordered: a number drawn for a text and a seed.
  fileprivate static func key(_ text: UInt64, _ seed: UInt64) -> UInt64 {
    var generator = SplitMix64(seed: seed, stream: text)
    return generator.next()
  }
}
