// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules: Swift 6 mode, strict memory safety, no warnings,
/// and imports that stay internal unless a declaration says otherwise.
let rules: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// For code that runs a few times a job, or waits for files and people: optimizing it would take a
/// seventh of the time of a build and make nothing faster that anybody could measure. Tests that
/// compute a reference in loops, or count allocations, are not of this kind.
let unoptimized: [SwiftSetting] = rules + [.unsafeFlags(["-Onone"])]

/// One line a module: what it is called and what it may import. The arrows are checked against
/// the import lines of the sources by `Tests/ArchitectureTests`.
func module(
  _ name: String, imports: [Target.Dependency] = [], settings: [SwiftSetting] = rules
) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

func tests(
  _ name: String, imports: [Target.Dependency] = [], fixtures: [String] = [],
  settings: [SwiftSetting] = rules
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.init(stringLiteral: name), "TestSupport"] + imports,
    exclude: fixtures,
    swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let httpClient = Target.Dependency.product(
  name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["Network"]))
let hummingbird = Target.Dependency.product(
  name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Serving"]))
let hummingbirdCore = Target.Dependency.product(
  name: "HummingbirdCore", package: "hummingbird", condition: .when(traits: ["Serving"]))
let nioCore = Target.Dependency.product(
  name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Network", "Serving"]))
let nioPosix = Target.Dependency.product(
  name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["Network"]))
let nioHTTP1 = Target.Dependency.product(
  name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["Network", "Serving"]))
let nioSSL = Target.Dependency.product(
  name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["Network"]))
let web = Target.Dependency.target(name: "Web", condition: .when(traits: ["Network"]))
let hub = Target.Dependency.target(name: "Hub", condition: .when(traits: ["Network"]))
let serving = Target.Dependency.target(name: "Serving", condition: .when(traits: ["Serving"]))
let servingLog = Target.Dependency.product(
  name: "Logging", package: "swift-log", condition: .when(traits: ["Serving"]))
let xapian = Target.Dependency.target(name: "CXapian", condition: .when(traits: ["BM25"]))

let package = Package(
  name: "ltr",
  products: [
    .executable(name: "ltr", targets: ["ltr"]),
    .library(name: "Autodiff", targets: ["Tensors", "Autodiff"]),
    .library(
      name: "CrossEncoders",
      targets: [
        "Diagnostics", "Options", "Collectives", "Tokenization", "Corpora", "Ranking", "Lists",
        "Batches", "Models", "ModelFiles", "Scoring", "Training",
      ]),
  ],
  traits: [
    .trait(name: "BM25", description: "BM25 indexes, by Xapian (libxapian-dev)"),
    .trait(name: "Dense", description: "dense indexes, by FAISS (libfaiss-dev)"),
    .trait(
      name: "Network",
      description: "models and collections by name, and search servers, by an HTTP client"),
    .trait(name: "Serving", description: "ltr serve, an HTTP server"),
    .trait(name: "MPI", description: "training by several processes, by Open MPI (libopenmpi-dev)"),
    .default(enabledTraits: ["BM25", "Dense", "Network", "Serving"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  ],
  targets: [
    // C: kernels of our own, and the libraries behind module maps.
    .target(
      name: "CKernels", path: "Sources/C/CKernels",
      cSettings: [
        // Debug builds would otherwise compile the kernels at -O0 and make every test crawl.
        .unsafeFlags(["-O3"], .when(configuration: .debug)),
        .unsafeFlags(["-Wall", "-Wextra", "-Werror"]),
        // So that a kernel's rate does not depend on where the linker happens to put it.
        .unsafeFlags(["-falign-functions=64"]),
      ]),
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/C/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "COneDNN", path: "Sources/C/COneDNN",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("dnnl")]),
    .target(
      name: "CXapian", path: "Sources/C/CXapian",
      cxxSettings: [
        .unsafeFlags(["-Wall", "-Wextra", "-Werror"]),
        .define("BM25", .when(traits: ["BM25"])),
      ],
      linkerSettings: [.linkedLibrary("xapian", .when(traits: ["BM25"]))]),
    .target(
      name: "CFaiss", path: "Sources/C/CFaiss",
      cxxSettings: [
        .define("LTR_FAISS", .when(traits: ["Dense"])),
        .unsafeFlags(["-Wall", "-Wextra", "-Werror"]),
      ],
      // FAISS is a static library: what it needs itself comes behind it.
      linkerSettings: [
        .linkedLibrary("faiss", .when(traits: ["Dense"])),
        .linkedLibrary("openblas", .when(traits: ["Dense"])),
        .linkedLibrary("gomp", .when(traits: ["Dense"])),
      ]),
    .target(
      name: "CMPI", path: "Sources/C/CMPI",
      cSettings: [
        .unsafeFlags(["-Wall", "-Wextra", "-Werror"]),
        .define("MPI", .when(traits: ["MPI"])),
      ],
      linkerSettings: [.linkedLibrary("mpi", .when(traits: ["MPI"]))]),
    .systemLibrary(
      name: "CHDF5", path: "Sources/C/CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CArchive", path: "Sources/C/CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "COpenSSL", path: "Sources/C/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),

    // What everything may use.
    module("Diagnostics"),
    module("Randomness"),
    module("Collectives", imports: ["Diagnostics"]),
    module("Cluster", imports: ["Diagnostics", "Collectives", "CMPI"]),
    module("Options", imports: ["Ranking"]),
    module("Tables"),
    module("JSON", imports: ["Diagnostics"]),
    module("Files", imports: ["Diagnostics", "CArchive", "CZlib", "COpenSSL"]),
    module("Web", imports: ["Diagnostics", httpClient, nioCore, nioPosix, nioSSL]),

    // The engine.
    module("Tensors", imports: ["CKernels", "COpenBLAS", "COneDNN"]),
    module("Autodiff", imports: ["Tensors"]),

    // Data in, models in and out.
    module("Persistence", imports: ["Diagnostics", "JSON", "Files", "CHDF5"]),
    module("Tokenization", imports: ["Diagnostics", "JSON"]),
    module("Batches", imports: ["Tokenization"]),
    module("Corpora", imports: ["Diagnostics", "JSON", "Files"]),
    module("Splits", imports: ["Diagnostics", "Options", "Randomness", "Corpora"]),
    module("Conversions", imports: ["Diagnostics", "JSON", "Files", "Corpora"]),
    module(
      "DataChecks",
      imports: ["Diagnostics", "Options", "JSON", "Files", "Tables", "Corpora", "Splits"]),
    module(
      "Recipes", imports: ["Diagnostics", "JSON", "Options", "Randomness", "Ranking", yams],
      settings: unoptimized),
    module("Ranking", imports: ["Diagnostics", "Tables", "JSON"]),
    module(
      "Lists",
      imports: [
        "Diagnostics", "Options", "Randomness", "Files", "Corpora", "Splits", "Ranking",
      ]),
    module("RunEvaluation", imports: ["Diagnostics", "Corpora", "Ranking"]),

    // The first stage, and what is mined from it.
    module(
      "Retrieval",
      imports: [
        "Diagnostics", "JSON", "Options", "Files", "Corpora", "Ranking", "CFaiss", xapian, web,
        httpClient, nioCore, nioHTTP1, nioSSL,
      ]),
    module(
      "Mining",
      imports: [
        "Diagnostics", "JSON", "Options", "Files", "Randomness", "Corpora", "Ranking", "Retrieval",
      ]),

    // Grades by a language model.
    module(
      "Judging",
      imports: ["Diagnostics", "JSON", "Files", "Corpora", web, httpClient, nioCore]),

    // Models and collections by name.
    module(
      "Hub",
      imports: [
        "Diagnostics", "JSON", "Files", "Web", httpClient, nioCore, nioHTTP1, nioSSL,
      ]),

    // The model, and the jobs done with it.
    module(
      "Models",
      imports: [
        "Diagnostics", "JSON", "Randomness", "Tensors", "Autodiff", "Tokenization", "Batches",
      ]),
    module(
      "ModelFiles",
      imports: [
        "Diagnostics", "JSON", "Files", "Tensors", "Autodiff", "Persistence", "Tokenization",
        "Models",
      ]),
    module(
      "Scoring",
      imports: [
        "Diagnostics", "Collectives", "Tensors", "Autodiff", "Tokenization", "Batches", "Models",
      ]),
    module(
      "Inference",
      imports: [
        "Diagnostics", "Options", "JSON", "Files", "Autodiff", "Tokenization", "Batches", "Corpora",
        "Ranking", "Retrieval", "Mining", "Models", "ModelFiles", "Scoring",
      ]),
    module(
      "Training",
      imports: [
        "Diagnostics", "JSON", "Options", "Randomness", "Collectives", "Files", "Tensors",
        "Autodiff", "Persistence", "Batches", "Corpora", "Ranking", "Lists", "Models", "ModelFiles",
        "Scoring",
      ]),
    module(
      "Export",
      imports: [
        "Diagnostics", "JSON", "Files", "Tensors", "Autodiff", "Persistence", "Tokenization",
        "Models", "ModelFiles", protobuf,
      ]),
    module(
      "Verification",
      imports: [
        "Diagnostics", "Files", "Tensors", "Autodiff", "Tokenization", "Batches", "Models",
        "ModelFiles", "Export", protobuf,
      ]),
    module(
      "Serving",
      imports: [
        "Diagnostics", "JSON", "Autodiff", "Tokenization", "Batches", "Models", "Scoring",
        hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1,
      ]),
    module(
      "Benchmarking",
      imports: [
        "Diagnostics", "Options", "Randomness", "Tables", "JSON", "Autodiff", "Tokenization",
        "Batches", "Corpora", "Ranking", "Lists", "Models", "Scoring", "Training",
      ]),
    module(
      "Inspections",
      imports: [
        "Diagnostics", "JSON", "Files", "Tables", "Persistence", "Corpora", "Retrieval", "Models",
        "ModelFiles", "Tokenization", "Training", "Export",
      ], settings: unoptimized),
    module(
      "Provenance",
      imports: [
        "Diagnostics", "JSON", "Options", "Files", "Tables", "Corpora", "Recipes", "Models",
        "ModelFiles", "Training", "Export",
      ], settings: unoptimized),
    module(
      "EventFiles", imports: ["Diagnostics", "Files", "Training", protobuf], settings: unoptimized),
    module(
      "Reports",
      imports: [
        "Diagnostics", "Randomness", "Files", "Tables", "Ranking", "Training", mustache,
      ], settings: unoptimized),
    .executableTarget(
      name: "ltr",
      dependencies: [
        "Diagnostics", "Collectives", "Cluster", "Options", "Randomness", "Tables", "JSON", "Files",
        "Tensors", "Autodiff", "Persistence",
        "Tokenization", "Batches", "Corpora", "Splits", "Conversions", "DataChecks", "Recipes",
        "Ranking", "Lists", "Retrieval",
        "Mining", "Judging",
        "Models", "ModelFiles", "Scoring", "Inference", "Training", "Export",
        "RunEvaluation", "Verification", "Benchmarking", "Inspections", "Provenance", "EventFiles",
        "Reports", hub, serving, servingLog, argumentParser,
      ],
      swiftSettings: unoptimized),

    .target(
      name: "TestSupport", path: "Tests/TestSupport", swiftSettings: rules),
    .target(
      name: "ModelSupport",
      dependencies: ["Diagnostics", "Files", "Persistence", "Randomness", "TestSupport"],
      path: "Tests/ModelSupport", swiftSettings: rules),
    .target(
      name: "CAllocations", path: "Tests/CAllocations",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    tests("Diagnostics"),
    tests("Randomness"),
    .target(
      name: "CollectiveSupport", dependencies: ["Collectives"], path: "Tests/CollectiveSupport",
      swiftSettings: rules),
    tests("Collectives", imports: ["CollectiveSupport", "Diagnostics"]),
    tests("Cluster", imports: ["CollectiveSupport", "Diagnostics"]),
    tests("Tables"),
    tests("JSON", imports: ["Diagnostics"]),
    tests("Files", imports: ["Diagnostics"]),
    .target(
      name: "CKernelLevels", path: "Tests/CKernelLevels",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    tests("Tensors", imports: ["CKernelLevels"]),
    tests("Autodiff", imports: ["Tensors"]),
    tests(
      "Persistence", imports: ["Diagnostics", "Files", "ModelSupport", "Randomness"],
      fixtures: ["Fixtures"]),
    tests("Tokenization", imports: ["Diagnostics"], fixtures: ["Fixtures"]),
    tests("Batches", imports: ["ModelSupport", "Tokenization"]),
    tests("Corpora", imports: ["Diagnostics", "Files", "JSON"], fixtures: ["Fixtures"]),
    tests("Conversions", imports: ["Corpora", "Diagnostics"]),
    tests("DataChecks", imports: ["Corpora", "Diagnostics", "JSON"]),
    tests("Splits", imports: ["Corpora", "Diagnostics", "Options", "Randomness"]),
    tests("Options"),
    tests(
      "Recipes", imports: ["Diagnostics", "JSON", "Options"], settings: unoptimized),
    tests("Ranking", imports: ["Diagnostics", "JSON", "Randomness"], fixtures: ["Fixtures"]),
    tests(
      "Lists",
      imports: [
        "Corpora", "Diagnostics", "Files", "ModelSupport", "Options", "Randomness", "Ranking",
      ]),
    tests(
      "Mining",
      imports: ["Corpora", "Diagnostics", "Files", "Options", "Randomness", "Retrieval"]),
    tests(
      "Retrieval", imports: ["Corpora", "Diagnostics", "Options"], fixtures: ["Fixtures"]),
    tests(
      "Models",
      imports: [
        "Autodiff", "Batches", "Diagnostics", "ModelSupport", "Randomness", "Tensors",
        "Tokenization",
      ]),
    tests(
      "ModelFiles",
      imports: [
        "Autodiff", "Batches", "Diagnostics", "Files", "JSON", "Models", "ModelSupport",
        "Persistence", "Tensors", "Tokenization", "Training",
      ], fixtures: ["Fixtures"]),
    tests(
      "Scoring",
      imports: [
        "Autodiff", "Batches", "CAllocations", "CollectiveSupport", "Diagnostics", "ModelFiles",
        "Models", "ModelSupport", "Tensors", "Tokenization",
      ], fixtures: ["Fixtures"]),
    tests(
      "Inference",
      imports: [
        "Corpora", "Diagnostics", "Mining", "ModelFiles", "ModelSupport", "Models", "Options",
        "Ranking", "Retrieval", "Scoring", "Tokenization",
      ]),
    tests(
      "Training",
      imports: [
        "Autodiff", "Batches", "CAllocations", "CollectiveSupport", "Collectives", "Corpora",
        "Diagnostics", "JSON", "Lists", "ModelFiles", "Models", "ModelSupport", "Options",
        "Persistence", "Randomness", "Ranking", "Scoring", "Tensors",
      ], fixtures: ["Fixtures"]),
    tests(
      "Export",
      imports: [
        "Autodiff", "Diagnostics", "Files", "JSON", "ModelFiles", "Models", "ModelSupport",
        "Persistence", "Tokenization", "Verification",
      ]),
    tests(
      "Verification",
      imports: [
        "Autodiff", "Batches", "Diagnostics", "Export", "Files", "JSON", "ModelFiles",
        "ModelSupport", "Models", "Persistence", "Randomness", "Scoring", "Tensors", "Tokenization",
      ]),
    tests(
      "Serving",
      imports: [
        "Batches", "Diagnostics", "ModelFiles", "Models", "ModelSupport", "Scoring",
        "Tokenization", logging,
      ], fixtures: ["Fixtures"]),
    tests("Judging", imports: ["Corpora", "Diagnostics", "Files"]),
    tests("Hub", imports: ["Diagnostics", "Files"]),
    tests("RunEvaluation", imports: ["Corpora", "Diagnostics", "Ranking"]),
    tests(
      "Benchmarking",
      imports: [
        "Corpora", "Diagnostics", "JSON", "ModelFiles", "Models", "ModelSupport", "Ranking",
        "Scoring",
      ]),
    tests(
      "Inspections",
      imports: ["Diagnostics", "JSON", "ModelSupport", "Persistence"]),
    tests(
      "Provenance",
      imports: [
        "Diagnostics", "Export", "JSON", "ModelFiles", "Models", "ModelSupport",
        "Recipes", "Training",
      ]),
    tests("EventFiles", imports: ["Training"]),
    tests("Reports", imports: ["Randomness", "Ranking", "Training"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["TestSupport", "Randomness", "Ranking", "Retrieval", "ltr"],
      exclude: ["Snapshots"], swiftSettings: unoptimized),
    .testTarget(
      name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: unoptimized),
  ])
