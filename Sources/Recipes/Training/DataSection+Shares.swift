import Diagnostics
import Options

/// Splits that are parts of one: `data.train.split: { share: 0.8, seed: 7 }`.
extension DataSection {
  /// Settles the shares of all parts, and adds `dev` and `test` with the parts that no section has:
  /// they are as `train` in all else.
  ///
  /// - Throws: `badRecipe` if sections do not agree on one division, or nothing is left for a part.
  mutating func divide(_ section: RecipeSection) throws(Failure) {
    if train.lists != nil { return try divideBesideLists(section) }
    guard case .judged(let source) = train.source, var shares = source.shares else {
      for (key, part) in [("dev", dev), ("test", test)] where part?.shares != nil {
        throw Failure(
          .badRecipe, "'\(key).split' has shares, and 'train.split' has none",
          at: section.place(of: key), expected: "the same shares in 'data.train.split'",
          remedy: "write them there, or name a split of '\(key)'")
      }
      return
    }
    let hasOwn = (dev: dev != nil && dev?.shares == nil, test: test != nil && test?.shares == nil)
    if hasOwn.dev, hasOwn.test {
      throw Failure(
        .badRecipe,
        "'data.dev' and 'data.test' have data of their own, and nothing takes what "
          + "'data.train.split' leaves", at: section.place(of: "dev"),
        expected: "at most one of them with data of its own",
        remedy: "remove one of the sections, or "
          + "name a split of 'data.train'")
    }
    if shares.test == nil {
      // A part with data of its own leaves its share to the other.
      if hasOwn.test {
        shares.test = 0
      } else if hasOwn.dev {
        shares.test = shares.rest
      }
      shares.test = shares.share(of: .test)
    }
    for (part, isOwn) in [(SplitShares.Part.dev, hasOwn.dev), (.test, hasOwn.test)] {
      guard isOwn, shares.share(of: part) > 0 else { continue }
      throw Failure(
        .badRecipe,
        "'data.\(part.rawValue)' has data of its own, and 'data.train.split' leaves it a share of "
          + "\(shares.share(of: part))",
        at: section.place(of: part.rawValue),
        expected: "shares that leave nothing for '\(part.rawValue)', or no split of its own",
        remedy: part == .dev
          ? "set 'data.train.split.test' to \(plain(shares.rest)), or remove 'data.dev'"
          : "set 'data.train.split.test' to 0, or remove 'data.test'")
    }
    for (part, given) in [(SplitShares.Part.dev, dev), (.test, test)] {
      guard let given, let others = given.shares else { continue }
      try agree(part, given, others, with: source, shares, section)
    }
    train.shares = shares
    train.split = SplitShares.Part.train.rawValue
    dev = dev.map { $0.divided(.dev, shares) } ?? source.part(.dev, shares)
    test = test.map { $0.divided(.test, shares) } ?? source.part(.test, shares)
  }

  /// Beside given lists, which 'ltr mine' may have made of the part for training, dev and test are the
  /// other parts of a split.
  private mutating func divideBesideLists(_ section: RecipeSection) throws(Failure) {
    if let dev, let test, let shares = dev.shares, let others = test.shares {
      try agree(.test, test, others, with: dev, shares, section)
    }
    func divided(
      _ part: SplitShares.Part, _ source: TrainingSource?
    ) throws(Failure) -> TrainingSource? {
      guard var shares = source?.shares else { return source }
      shares.test = shares.share(of: .test)
      try requireShare(of: part, shares, "data.\(part.rawValue).split", section)
      return source?.divided(part, shares)
    }
    dev = try divided(.dev, dev)
    test = try divided(.test, test)
  }

  private func agree(
    _ part: SplitShares.Part, _ given: TrainingSource, _ others: SplitShares,
    with source: TrainingSource, _ shares: SplitShares, _ section: RecipeSection
  ) throws(Failure) {
    var others = others
    others.test = others.test ?? shares.test
    let place = section.place(of: part.rawValue)
    guard others == shares, given.collection == source.collection, given.table == source.table,
      given.encoding == source.encoding
    else {
      let isBesideLists = train.lists != nil
      throw Failure(
        .badRecipe,
        "'data.\(part.rawValue)' and 'data.\(isBesideLists ? "dev" : "train")' do not divide the same "
          + "split in the same way",
        at: place, expected: "the same collection and the same shares, seed, near and of",
        remedy: isBesideLists
          ? "write the same shares in both"
          : "remove 'data.\(part.rawValue)', which then is as 'data.train' but for its queries")
    }
    try requireShare(of: part, shares, "data.train.split", section)
  }

  private func requireShare(
    of part: SplitShares.Part, _ shares: SplitShares, _ key: String, _ section: RecipeSection
  ) throws(Failure) {
    guard shares.share(of: part) <= 0 else { return }
    throw Failure(
      .badRecipe, "'\(key)' leaves nothing for '\(part.rawValue)'",
      at: section.place(of: part.rawValue),
      expected: "shares that add up to less than 1 for dev, and a share 'test' for test",
      remedy: "lower 'share', or remove 'data.\(part.rawValue)'")
  }
}

extension TrainingSource {
  /// A source of the division's part; its own split if it has one.
  fileprivate func divided(_ part: SplitShares.Part, _ shares: SplitShares) -> TrainingSource {
    if self.shares == nil { return self }
    var source = self
    (source.split, source.shares) = (part.rawValue, shares)
    return source
  }

  /// This source with the queries of a part; nil if its share is 0.
  fileprivate func part(_ part: SplitShares.Part, _ shares: SplitShares) -> TrainingSource? {
    if shares.share(of: part) <= 0 { return nil }
    var source = self
    (source.split, source.shares) = (part.rawValue, shares)
    return source
  }
}
