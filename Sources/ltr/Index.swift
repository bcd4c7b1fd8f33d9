import ArgumentParser

/// `ltr index`.
struct Index: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Builds, searches and describes indexes of collections.",
    subcommands: [
      IndexBuild.self, IndexSearch.self, IndexInfo.self, IndexAddChecksums.self,
      IndexCheckPostings.self,
    ])
}
