import Foundation
import TestSupport
import Testing

/// What holds for the sources as a whole: which module may import which, and how files look.
@Suite struct ArchitectureTests {
  /// Libraries behind module maps are known to one module each.
  private static let owners = [
    "CKernels": "Tensors", "COpenBLAS": "Tensors", "COneDNN": "Tensors",
    "CHDF5": "Persistence", "CArchive": "Files", "CZlib": "Files", "COpenSSL": "Files",
    "CXapian": "Retrieval", "CFaiss": "Retrieval", "CMPI": "Cluster",
  ]

  /// Modules that must not reach others, however long the way, and why.
  private static let walls: [(modules: [String], outside: [String], reason: String)] = [
    (
      ["Corpora", "Tokenization", "Persistence", "Recipes", "Retrieval", "Mining"],
      ["Autodiff", "Training"],
      "data is read without the engine: a model reaches it through a scoring protocol"
    ),
    (
      ["Lists"], ["Tokenization", "Tensors", "Models"],
      "lists are numbers of queries and documents, whatever reads their texts"
    ),
    (["Batches"], ["Tensors", "Models", "Corpora"], "batches are filled without knowing layers"),
    (["Export"], ["Verification"], "what writes a format has no say in how it is checked"),
    (["Ranking"], ["Tensors"], "losses and measures are functions of scores and labels"),
    (["RunEvaluation"], ["Tensors", "Models"], "runs are measured without a model"),
    (["Tensors", "Autodiff"], ["Diagnostics", "Files"], "the engine meets no user's mistakes"),
    (
      ["Models", "ModelFiles", "Scoring"], ["Training", "Corpora"],
      "a model is served without its training"
    ),
    (["Models"], ["Files", "Persistence", "ModelFiles"], "layers on a tape open no file"),
    (["Options"], ["Files", "Corpora", "Tensors"], "options are plain values"),
    (
      ["Options", "Ranking", "Lists", "Retrieval", "Mining", "Training"], ["Recipes"],
      "what a recipe or job asks for is done without knowing YAML"
    ),
  ]

  /// Modules in which Foundation's cost would show, or that others take as they are.
  private static let withoutFoundation: Set = [
    "Autodiff", "Diagnostics", "Randomness", "Tokenization",
  ]

  /// Files that write or read a format of another program whose own words are names of a family of
  /// models or of its tokens.
  private static let consumers: Set = [
    "GGUFDescription.swift", "GGUFLimits.swift", "GGUFTokenizer.swift", "VespaPackage.swift",
    "ScoringModel.swift",
  ]

  /// Files that hold programs in other languages as texts.
  private static let texts: Set = ["ModelCard+Loading.swift", "ONNXRuntime.swift"]

  /// Files that are mostly tables, or generated.
  private static let tables: Set = ["UnicodeTables.swift", "onnx.pb.swift", "tensorboard.pb.swift"]

  @Test func importsAreOnTheList() throws {
    let arrows = try Manifest.arrows()
    #expect(arrows["Autodiff"] == ["Tensors"], "the manifest is read as it is written")
    #expect(arrows["Serving"]?.contains("NIOCore") == true, "constants are read as well")
    for source in try Source.all()
    where source.name.hasSuffix(".swift") && !Self.texts.contains(source.file) {
      let allowed = try #require(
        arrows[source.module], "\(source.name): the manifest has no module '\(source.module)'")
      for name in source.imports where !Source.system.contains(name) {
        #expect(
          allowed.contains(name),
          "\(source.name) imports \(name), which is not on the list of \(source.module)")
      }
    }
  }

  @Test func wallsStand() throws {
    let arrows = try Manifest.arrows()
    for (modules, outside, reason) in Self.walls {
      for module in modules {
        var reached: Set<String> = []
        var open = Array(
          try #require(arrows[module], "a wall names '\(module)', which is no module"))
        while let next = open.popLast() {
          if reached.insert(next).inserted { open += arrows[next] ?? [] }
        }
        let broken = reached.intersection(outside).sorted()
        #expect(broken.isEmpty, "\(module) reaches \(broken): \(reason)")
      }
    }
    for (library, owner) in Self.owners {
      let users = arrows.filter { $0.value.contains(library) }.keys.sorted()
      #expect(users == [owner], "\(library), which belongs to \(owner)")
    }
  }

  /// A rule about a module or a file that was renamed would hold of nothing.
  @Test func rulesNameWhatIsThere() throws {
    let arrows = try Manifest.arrows()
    let modules = Set(arrows.keys)
    for (inside, outside, reason) in Self.walls {
      let unknown = Set(inside + outside).subtracting(modules).sorted()
      #expect(unknown.isEmpty, "not in the manifest: \(unknown): \(reason)")
    }
    #expect(Self.withoutFoundation.subtracting(modules).isEmpty)
    let shims = try FileManager.default.contentsOfDirectory(
      atPath: Material.package.appending(path: "Sources/C").path)
    #expect(Set(Self.owners.keys) == Set(shims), "every folder of Sources/C has one owner")
    let sources = try Source.all()
    #expect(
      Set(sources.map(\.module)) == modules.union(["C"]),
      "every module has a folder of sources, and every folder is a module")
    let files = Set(sources.map(\.file))
    #expect(Self.texts.union(Self.tables).subtracting(files).isEmpty)
  }

  /// An import that no file needs is taken off the list of its module.
  @Test func listedImportsAreUsed() throws {
    let sources = Dictionary(grouping: try Source.all(), by: \.module)
    for (module, listed) in try Manifest.arrows() {
      let used = Set((sources[module] ?? []).flatMap(\.imports))
      let unused = listed.subtracting(used).sorted()
      #expect(unused.isEmpty, "\(module) does not import \(unused)")
    }
  }

  /// A target whose tests import what it does not list is built only where the other happens to be
  /// built before it.
  @Test func importsOfTestsAreOnTheList() throws {
    let sources = Dictionary(
      grouping: try Source.all(in: "Tests").filter { $0.name.hasSuffix(".swift") }, by: \.module)
    let targets = try Manifest.testTargets()
    let all = Set(targets.keys).union(["Outside"])
    #expect(Set(sources.keys).isSubset(of: all), "every folder of tests is a target")
    for (target, listed) in targets {
      let used = Set((sources[target] ?? []).flatMap(\.imports)).subtracting(Source.system)
      #expect(used.isSubset(of: listed), "\(target) does not list \(used.subtracting(listed))")
      // Programs are listed so that they are built; what supports tests comes with every target.
      let unused = listed.subtracting(used).subtracting(["ltr", "TestSupport"]).sorted()
      #expect(unused.isEmpty, "\(target) does not import \(unused)")
    }
  }

  @Test func modulesWithoutFoundation() throws {
    for source in try Source.all() where Self.withoutFoundation.contains(source.module) {
      #expect(!source.imports.contains("Foundation"), "\(source.name) imports Foundation")
    }
  }

  @Test func filesAreShort() throws {
    for source in try Source.all() {
      guard !Self.tables.contains(source.file) else { continue }
      #expect(source.lines.count <= 350, "\(source.name) has \(source.lines.count) lines")
    }
  }

  /// The folders of families: those of `Sources/Models` but for what all of them are made of.
  private func families() throws -> [String] {
    let folder = Material.package.appending(path: "Sources/Models").path(percentEncoded: false)
    let folders = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      !$0.hasSuffix(".swift") && $0 != "Blueprint"
    }
    #expect(folders.contains("BERT"), "the folders of families were moved")
    return folders.sorted()
  }

  /// What a family calls its tensors and heads is written in its folder alone: everything else asks
  /// the blueprint.
  @Test func namesOfFamilies() throws {
    let families = try families()
    let names: [Regex<Substring>] = [
      /"(?:bert|roberta|electra|distilbert|mpnet|new)\./, /"model\.(?:embeddings|layers)/,
      /\bpooler\b/, /\b(?:word|tok)_embeddings/, /Wqkv/, /EncDecAttention|DenseReluDense/,
    ]
    var found: Set<String> = []
    for source in try Source.all() {
      let family = families.first { source.name.hasPrefix("Models/\($0)/") }
      for (number, line) in source.lines.enumerated()
      where names.contains(where: { line.firstMatch(of: $0) != nil }) {
        if let family {
          found.insert(family)
        } else {
          Issue.record("\(source.name):\(number + 1): \(line): the names of a family's tensors")
        }
      }
    }
    #expect(found.sorted() == families, "the names are looked for as they are written")
  }

  /// Nor is the type of a family known outside, but where families are listed, and its name and its
  /// tokens only where a format of another program has them.
  @Test func familiesInFormatsOfOthers() throws {
    var consumers = Self.consumers
    let families = try families()
    let types = try Regex("\\b(?:\(families.joined(separator: "|")))(?:\\.self|\\()")
    for source in try Source.all()
    where source.name.hasSuffix(".swift") && source.module != "Tokenization"
      && !families.contains(where: { source.name.hasPrefix("Models/\($0)/") })
    {
      for (number, line) in source.lines.enumerated() {
        let place = "\(source.name):\(number + 1): \(line)"
        #expect(
          source.file == "Architecture.swift" || line.firstMatch(of: types) == nil,
          "\(place): the type of one family")
        let named =
          /"(?:(?:distil|modern)?bert|roberta|electra|mpnet)"|\b(?:Bert|(?:XLM)?Roberta|Electra|MPNet|DebertaV2|New)(?:For|Model\b)|\[CLS\]/
        guard line.firstMatch(of: named) != nil else { continue }
        #expect(Self.consumers.contains(source.file), "\(place): a name or token of one family")
        consumers.remove(source.file)
      }
    }
    #expect(consumers.isEmpty, "files that no longer need to be on the list: \(consumers.sorted())")
  }

  /// What is JSON, which of two duplicate keys counts and how deep a text may be is decided once.
  @Test func oneParserOfJSON() throws {
    var users = 0
    for source in try Source.all() {
      for (number, line) in source.lines.enumerated() {
        let parser = line.firstMatch(of: /\bJSON(?:Decoder|Serialization)\b/)
        #expect(
          parser == nil, "\(source.name):\(number + 1): \(line): JSON is read by JSONReader alone")
        if source.module != "JSON", line.contains("JSONReader(") { users += 1 }
      }
    }
    #expect(users > 10, "the reader is looked for by its name")
  }

  @Test func wordsThatAreNotUsed() throws {
    let words: [(Regex<Substring>, String)] = [
      (/\b(?:TODO|FIXME|XXX|HACK)\b/, "unfinished work belongs in no commit"),
      (/\bfatalError\(/, "a user's mistake is a Failure, a bug a precondition"),
      (/\btry!|\bas!/, "a user's mistake is a Failure"),
    ]
    for source in try Source.all() {
      for (number, line) in source.lines.enumerated() {
        for (word, reason) in words where line.firstMatch(of: word) != nil {
          Issue.record("\(source.name):\(number + 1): \(line): \(reason)")
        }
        if source.module != "ltr", !Self.texts.contains(source.file),
          line.firstMatch(of: /\b(?:print|debugPrint|dump)\(/) != nil
        {
          Issue.record("\(source.name):\(number + 1): only the command line prints")
        }
      }
    }
  }
}
