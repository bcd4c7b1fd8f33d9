#if BM25
  import Foundation
  import Retrieval
  import TestSupport
  import Testing

  /// From a shop's table, in Latin-1 and without splits, to a served model in four commands, as
  /// README.md shows it.
  @Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
  struct ShopCommandTests {
    private static let words = ["restore", "file", "trash", "menu", "water", "boil", "cat", "dog"]

    /// A table with a product for every two words: searched for with both, with one, or with others.
    private func program() throws -> Program {
      let program = try Program()
      try HandwrittenModel.write(to: program.folder.appending(path: "model"))
      var rows = ["search_term;product_uid;product_title;brand;product_description;relevance"]
      let pairs = Self.words.indices.flatMap { first in
        Self.words.indices.dropFirst(first + 1).map { [first, $0] }
      }
      for (asked, search) in pairs.enumerated() {
        let query = search.map { Self.words[$0] }.joined(separator: " ")
        for (place, product) in pairs.enumerated() where abs(place - asked) < 4 {
          let shared = Set(search).intersection(product).count
          rows.append(
            "\(query);P\(place);Müller \(Self.words[product[0]]);Müller;"
              + "a \(Self.words[product[1]]), 2½ £;\(["Irrelevant", "Partial", "Exact"][shared])")
        }
      }
      let text = try #require(
        (rows.joined(separator: "\r\n") + "\r\n").data(using: .windowsCP1252))
      try text.write(to: program.folder.appending(path: "shop.csv"))
      return program
    }

    @Test func fromATableToAServer() async throws {
      let program = try program()
      let begun = try program(
        "init shop --from csv --collection shop.csv --model model --output run")
      #expect(begun.code == 0 && begun.output == "shop/recipe.yaml\n", "\(begun.errors)")

      let small =
        "--set model.max_length=24 --set warm_up= --set training.epochs=1 --set training.workers=1"
      let trained = try program("train shop/recipe.yaml --json \(small)")
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(trained.errors.contains("its likely encoding"), "\(trained.errors)")
      let verdict = try #require(try trained.json()["verdict"] as? [String: Any])
      #expect(verdict["split"] as? String == "test" && verdict["chosen_on_split"] as? Bool == false)

      let exported = try program("export --model run --format hf --output shop-reranker")
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
