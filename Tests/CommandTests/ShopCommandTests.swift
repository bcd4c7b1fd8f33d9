#if BM25
  import Foundation
  import TestSupport
  import Testing

  /// From a shop's table, in Latin-1 and without splits, to a served model, as README.md shows it.
  @Suite struct ShopCommandTests {
    private static let words = ["restore", "file", "trash", "menu", "water", "boil", "cat", "dog"]

    /// A table with a product for every two words: searched for with both, with one, or with others.
    private func program() throws -> Program {
      let program = try Program()
      try HandwrittenModel.write(to: program.folder.appending(path: "model"))
      var rows = ["search_term;product_uid;product_title;brand;product_description;relevance"]
      let pairs = Self.words.indices.dropLast().map { ($0, $0 + 1) }
      for (asked, (first, second)) in pairs.enumerated() {
        for (place, (one, other)) in pairs.enumerated() where abs(place - asked) < 3 {
          let label = ["Exact", "Partial", "Irrelevant"][abs(place - asked)]
          rows.append(
            "\(Self.words[first]) \(Self.words[second]);P\(place);Müller \(Self.words[one]);Müller;"
              + "a \(Self.words[other]), 2½ £;\(label)")
        }
      }
      let text = try #require(
        (rows.joined(separator: "\r\n") + "\r\n").data(using: .windowsCP1252))
      try text.write(to: program.folder.appending(path: "shop.csv"))
      try program.write(
        "shop.yaml",
        """
        model: { base: model, max_length: 24 }
        data:
          train:
            collection: shop.csv
            split: { share: 0.5, seed: 7 }
            candidates: { index: shop-bm25, build: bm25, depth: 7 }
          list: { size: 4 }
        training: { epochs: 1, workers: 1, precision: f32 }
        fusion: { weight: dev }
        output: shop

        """)
      return program
    }

    @Test func fromATableToAServer() async throws {
      let program = try program()
      let trained = try program("train shop.yaml --json")
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(trained.errors.contains("its likely encoding"), "\(trained.errors)")
      let verdict = try #require(try trained.json()["verdict"] as? [String: Any])
      #expect(verdict["split"] as? String == "test" && verdict["chosen_on_split"] as? Bool == false)

      let exported = try program("export --model shop --format hf --output shop-reranker")
      #expect(exported.code == 0, "\(exported.errors)")

      let server = try program.start("serve --model shop-reranker --port 0")
      let line = try #require(try await server.line())
      let port = try #require(Int(line.split(separator: ":").last ?? ""))
      let answer = try await apart {
        try LoopbackClient.ask(
          port, "POST", "/v2/rerank",
          json: #"{"query": "boil water", "documents": ["boil a water", "Müller cat a dog"]}"#)
      }
      #expect(answer.status == 200)
      #expect((answer.json["results"] as? [Any])?.count == 2)
      #expect(try await server.end().code == 0)
    }
  }
#endif
