// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "outside",
  // Without traits, neither Xapian nor FAISS nor HTTP is built.
  dependencies: [.package(name: "ltr", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "outside",
      dependencies: [
        .product(name: "Autodiff", package: "ltr"), .product(name: "CrossEncoders", package: "ltr"),
      ],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ])
