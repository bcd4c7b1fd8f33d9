#if Network
  import ArgumentParser
  import Diagnostics
  import Files
  import Foundation
  import Hub
  import Tables

  /// `ltr fetch`.
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetches models of the Hugging Face hub and collections of the catalogue.",
      discussion: """
        A model is written hf:org/name or hf:org/name@revision, and lands in the cache of Python's \
        huggingface_hub (HF_HOME, HF_HUB_CACHE), which is used without the network from then on. Of a \
        branch or tag, the commit that it has now is fetched. Collections are written as --list prints \
        them, and land in LTR_HOME. The path of each is printed. What was interrupted goes on where it \
        stopped. HF_TOKEN is the token for restricted models, HF_ENDPOINT the hub's address; with \
        HF_HUB_OFFLINE nothing is fetched. The same names are accepted wherever a model or a \
        collection is named, and are fetched if necessary.
        """)

    @Argument(help: "Names of models and collections.")
    var names: [String] = []

    @Flag(help: "Do not use the network: print what is here, and fail for what is not.")
    var offline = false

    @Flag(help: "List the collections that can be fetched.")
    var list = false

    @Flag(help: "Print a line of JSON for each: its name, with a model's commit, and its path.")
    var json = false

    func validate() throws {
      guard list != (!names.isEmpty) else {
        throw ValidationError("Give names of models or collections; or give --list.")
      }
    }

    func run() throws {
      if list { return try printCollections() }
      var settings = try HubSettings(environment: ProcessInfo.processInfo.environment)
      if offline { settings.isOffline = true }
      let hub = Names.hub(settings)
      for name in names {
        let found = try hub.fetch(name)
        if json {
          try Terminal.write(["name": .text(found.name), "path": .text(found.path)])
        } else {
          try Terminal.write(found.path + "\n")
        }
      }
    }

    private func printCollections() throws(Failure) {
      if json {
        for entry in Catalogue.collections {
          try Terminal.write([
            "name": .text(entry.name), "address": .text(entry.address), "md5": .text(entry.md5),
            "terms": .text(entry.terms),
          ])
        }
        return
      }
      let rows = Catalogue.collections.map { [$0.name, $0.terms] }
      try Terminal.write(alignedColumns([["name", "its owners' page"]] + rows))
    }
  }
#else
  import ArgumentParser
  import Diagnostics

  /// `ltr fetch` of a program that was built without the HTTP client.
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Fetches models and collections by name; this program was built without the network.")

    @Argument(parsing: .captureForPassthrough, help: "Ignored.")
    var arguments: [String] = []

    func run() throws {
      throw Failure(
        .unavailable, "this program was built without the HTTP client",
        remedy: "build with the package trait Network, which is on by default")
    }
  }
#endif
