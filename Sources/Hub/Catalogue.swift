/// A collection that can be fetched by its name.
public struct CatalogueEntry: Sendable, Equatable {
  /// The name, such as `beir/scifact`.
  public let name: String
  /// The address of its archive.
  public let address: String
  /// The MD5 that its publishers give.
  public let md5: String
  /// The folder in the archive; nil if the archive holds this collection alone.
  let folder: String?
  /// Where its owners say what it may be used for.
  public let terms: String

  /// An entry.
  package init(name: String, address: String, md5: String, folder: String?, terms: String) {
    (self.name, self.address, self.md5) = (name, address, md5)
    (self.folder, self.terms) = (folder, terms)
  }

  /// The name of the archive beside others.
  var file: String {
    let last = address.split(separator: "/").last.map(String.init) ?? name
    return (name.split(separator: "/").first.map(String.init) ?? "") + "/" + last
  }
}

/// The collections that have names.
///
/// Addresses and checksums of BEIR are those of its table of data sets (Thakur et al., 2021; beir-cellar
/// on GitHub), those of MS MARCO the ones that Anserini and ir_datasets check.
public enum Catalogue {
  private static let beir: [(name: String, md5: String, terms: String)] = [
    (
      "arguana", "8ad3e3c2a5867cdced806d6503f29b99", "http://argumentation.bplaced.net/arguana/data"
    ),
    ("climate-fever", "8b66f0a9126c521bae2bde127b4dc99d", "http://climatefever.ai"),
    (
      "dbpedia-entity", "c2a39eb420a3164af735795df012ac2c",
      "https://github.com/iai-group/DBpedia-Entity"
    ),
    ("fever", "5a818580227bfb4b35bb6fa46d9b6c03", "http://fever.ai"),
    ("fiqa", "17918ed23cd04fb15047f73e6c3bd9d9", "https://sites.google.com/view/fiqa"),
    ("germanquad", "95a581c3162d10915a418609bcce851b", "https://deepset.ai/germanquad"),
    ("hotpotqa", "f412724f78b0d91183a0e86805e16114", "https://hotpotqa.github.io"),
    ("msmarco", "444067daf65d982533ea17ebd59501e4", msmarcoTerms),
    (
      "nfcorpus", "a89dba18a62ef92f7d323ec890a0d38d",
      "https://www.cl.uni-heidelberg.de/statnlpgroup/nfcorpus"
    ),
    ("nq", "d4d3d2e48787a744b6f6e691ff534307", "https://ai.google.com/research/NaturalQuestions"),
    (
      "quora", "18fb154900ba42a600f84b839c173167",
      "https://www.quora.com/q/quoradata/First-Quora-Dataset-Release-Question-Pairs"
    ),
    ("scidocs", "38121350fc3a4d2f48850f6aff52e4a9", "https://allenai.org/data/scidocs"),
    ("scifact", "5f7d1de60b170fc8027bb7898e2efca1", "https://github.com/allenai/scifact"),
    (
      "trec-covid", "ce62140cb23feb9becf6270d0d1fe6d1",
      "https://ir.nist.gov/covidSubmit/index.html"
    ),
    (
      "webis-touche2020", "46f650ba5a527fc69e0a6521c5a23563",
      "https://webis.de/events/touche-20/shared-task-1.html"
    ),
  ]

  private static let forums = [
    "android", "english", "gaming", "gis", "mathematica", "physics", "programmers", "stats", "tex",
    "unix", "webmasters", "wordpress",
  ]

  private static let msmarcoTerms = "https://microsoft.github.io/msmarco"
  private static let beirFolder =
    "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets"

  /// All collections, sorted by name.
  public static let collections: [CatalogueEntry] = {
    let whole = beir.map { name, md5, terms in
      CatalogueEntry(
        name: "beir/\(name)", address: "\(beirFolder)/\(name).zip", md5: md5, folder: nil,
        terms: terms)
    }
    let parts = forums.map { forum in
      CatalogueEntry(
        name: "beir/cqadupstack/\(forum)", address: "\(beirFolder)/cqadupstack.zip",
        md5: "4e41456d7df8ee7760a7f866133bda78", folder: "cqadupstack/\(forum)",
        terms: "http://nlp.cis.unimelb.edu.au/resources/cqadupstack")
    }
    let passages = CatalogueEntry(
      name: "msmarco/passage",
      address:
        "https://msmarco.z22.web.core.windows.net/msmarcoranking/collectionandqueries.tar.gz",
      md5: "31644046b18952c1386cd4564ba2ae69", folder: nil, terms: msmarcoTerms)
    return (whole + parts + [passages]).sorted { $0.name < $1.name }
  }()
}
