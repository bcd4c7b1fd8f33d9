import Corpora
import Diagnostics
import Files
import Options
import Splits

extension DataCheck {
  /// Checks a collection with some of its splits.
  mutating func check(
    collection request: DataRequest, _ given: [DataRequest.Split]?
  ) throws(Failure) {
    let collection: Collection
    do throws(Failure) {
      collection = try Collection(opening: request.path, as: request.form)
    } catch {
      add(error)
      addAll(of: request)
      return
    }
    collection.textFaults.forEach { add($0) }
    var source = DataReport.Source(collection.path, layout: collection.layout)
    source.encodings = try encodings(of: request)
    let lengths = try documents(of: collection, &source)
    let queries = try self.queries(of: collection, &source)
    add(collection.emptyTexts)
    let splits = given ?? Self.splits(of: collection, request)
    if splits.isEmpty {
      report.problems.append(
        DataProblem(
          .warning, "the collection has no judgments", at: collection.path,
          remedy: "add a file of judgments for each split"))
    }
    // The parts of a recipe are of one division.
    var division: (shares: SplitShares, parts: Division)?
    for split in splits {
      do throws(Failure) {
        let survey = try check(split, of: collection, &division, queries, lengths)
        source.splits.append(survey)
      } catch {
        add(error)
        addAll(of: request)
      }
    }
    add(source)
  }

  /// Adds what else is wrong with the files of a collection of which something is.
  private mutating func addAll(of request: DataRequest) {
    let all = Collection.failures(in: request.path, as: request.form, most: Self.mostProblems)
    for failure in all { add(failure) }
    guard all.count == Self.mostProblems else { return }
    report.problems.append(
      DataProblem(
        .warning, "there may be more problems: the first \(all.count) are listed", at: request.path,
        remedy: "mend them, and check again"))
  }

  /// All splits of a collection, with the name of the data before theirs if there are more data.
  private static func splits(
    of collection: Collection, _ request: DataRequest
  ) -> [DataRequest.Split] {
    collection.splits.map { split in
      let name = request.name.map { collection.isUnsplit ? $0 : "\($0) \(split)" }
      return .init(name: name ?? split, split: split)
    }
  }

  private func encodings(
    of request: DataRequest
  ) throws(Failure) -> [(file: String, encoding: String)] {
    if fileKind(at: request.path) == .file, (try? Folder(opening: request.path)) == nil {
      let bytes = try readFile(request.path)
      return [("file", TextFile.foundEncoding(of: bytes, encoding: request.form.encoding))]
    }
    let files = try Collection.files(of: request.path, judgments: .all)
    var found: [(file: String, encoding: String)] = []
    for name in files.names {
      let bytes = try files.folder.readDecompressed(name)
      found.append(
        (name, TextFile.foundEncoding(of: bytes, encoding: request.form.encoding)))
    }
    return found
  }

  /// Reads all documents. Returns their lengths, or none where a sample alone is measured.
  private mutating func documents(
    of collection: Collection, _ source: inout DataReport.Source
  ) throws(Failure) -> [UInt32] {
    var survey = TextSurvey("documents")
    var repetitions = Repetitions()
    var lengths: [UInt32] = []
    let measure = options.measure
    let stride = max(1, collection.documentCount / Self.sample)
    do throws(Failure) {
      try collection.forEachDocument { document throws(Failure) in
        let content = document.content
        let words = NormalizedText(content)
        repetitions.add(words)
        if measure.isCheap {
          lengths.append(UInt32(clamping: words.wordCount))
          survey.lengths.add(words.wordCount)
        } else if survey.count % stride == 0 {
          survey.lengths.add(measure.length(document: content))
        }
        survey.count += 1
        if survey.count % 1000 == 0 {
          progress("documents", survey.count, collection.documentCount)
        }
      }
    } catch {
      // The rest of the documents is not read, and lengths are not those of all.
      add(error)
      lengths = []
    }
    survey.empty = collection.emptyTexts.first { $0.noun == "documents" }?.empty ?? 0
    let repeated = repetitions.found()
    survey.same = repeated.count
    // Empty texts are the same as well, and are counted as empty.
    let others = survey.same - max(0, survey.empty - 1)
    if let example = repeated.example, others > 0 {
      report.problems.append(
        DataProblem(
          .warning,
          "\(others) of \(survey.count) documents have the words of an earlier one, such as "
            + "'\(collection.documentID(at: example.second))', which is "
            + "'\(collection.documentID(at: example.first))'", at: collection.path,
          remedy: "judge both alike, or remove one: an unjudged copy counts as not relevant"))
    }
    source.documents = survey
    return lengths
  }

  /// Reads all queries. Returns their texts; none if one cannot be read.
  private mutating func queries(
    of collection: Collection, _ source: inout DataReport.Source
  ) throws(Failure) -> [String] {
    var survey = TextSurvey("queries")
    var texts: [String] = []
    let stride = options.measure.isCheap ? 1 : max(1, collection.queryCount / Self.sample)
    for index in 0..<collection.queryCount {
      do throws(Failure) {
        texts.append(try collection.query(at: index).text)
      } catch {
        add(error)
        texts.append("")
      }
      if index % stride == 0 {
        survey.lengths.add(options.measure.length(query: texts[index]))
      }
    }
    survey.count = texts.count
    survey.empty = collection.emptyTexts.first { $0.noun == "queries" }?.empty ?? 0
    progress("comparing queries", 0, 1)
    let groups = QueryGroups(texts, near: options.near)
    survey.same = texts.indices.count { groups.first[$0] != $0 }
    survey.near = texts.indices.count { groups.first[$0] == $0 && groups.group[$0] != $0 }
    source.queries = survey
    return texts
  }

  private mutating func check(
    _ split: DataRequest.Split, of collection: Collection,
    _ division: inout (shares: SplitShares, parts: Division)?, _ queries: [String],
    _ lengths: [UInt32]
  ) throws(Failure) -> SplitSurvey {
    let judgments: Judgments
    if let shares = split.shares, let part = SplitShares.Part(rawValue: split.split) {
      let parts: Division
      if let known = division, known.shares == shares {
        parts = known.parts
      } else {
        parts = try Division(of: collection, shares)
        division = (shares, parts)
      }
      judgments = parts.judgments(of: part)
    } else {
      judgments = try collection.judgments(split: split.split)
    }
    add(judgments.textFaults)
    var survey = SplitSurvey(split.name)
    survey.repeated = judgments.repetitionCount
    var pool: [String] = []
    for id in judgments.queries {
      survey.add(
        query: id, judgments.judgments(of: id).map(\.grade), relevant: options.minimumGrade)
      if let index = collection.queryIndex(of: id) { pool.append(queries[index]) }
    }
    pools.append((split.name, judgments.source, pool))
    resolve(judgments, split, in: collection, &survey)
    judge(survey, at: judgments.source)
    if let path = split.candidates {
      // What the run lacks says nothing of the split.
      do throws(Failure) {
        try check(candidates: path, judgments, collection, &survey)
      } catch {
        add(error)
      }
    }
    try measure(judgments, collection, queries, lengths, &survey)
    return survey
  }

  /// Judged ids that the collection lacks.
  private mutating func resolve(
    _ judgments: Judgments, _ split: DataRequest.Split, in collection: Collection,
    _ survey: inout SplitSurvey
  ) {
    let resolution = Resolution(of: judgments, nil, in: collection)
    for (number, part) in resolution.parts.prefix(2).enumerated() where part.missing > 0 {
      if number == 0 {
        survey.unresolvedQueries = part.missing
      } else {
        survey.unresolvedDocuments = part.missing
      }
      let line = part.examples.first.flatMap { Self.line(of: $0, in: judgments.source) }
      report.problems.append(
        DataProblem(
          .error,
          "\(split.name): \(part.missing) of \(part.total) judged \(number == 0 ? "queries" : "documents")"
            + " are not in the collection, such as '\(part.examples.first ?? "")'",
          at: judgments.source, line: line, expected: "ids as the collection has them",
          remedy: part.padding.map {
            "use the same leading zeros in all files: '\($0.id)' is '\($0.existing)' there"
          } ?? "check that the files belong together, or remove these judgments"))
    }
    do throws(Failure) { try resolution.requireQueries() } catch { add(error) }
  }

  /// The first line of a file with an id as one of its columns; nil if it cannot be found.
  private static func line(of id: String, in path: String) -> Int? {
    guard let file = try? readText(path) else { return nil }
    var number = 0
    for range in file.bytes.lines {
      number += 1
      let fields = file.bytes[range].text.split { $0 == "\t" || $0 == " " }
      if fields.contains(where: { $0 == id }) { return number }
    }
    return nil
  }

  /// Candidates of a first stage, in a recipe.
  private mutating func check(
    candidates path: String, _ judgments: Judgments, _ collection: Collection,
    _ survey: inout SplitSurvey
  ) throws(Failure) {
    let run = try Run(opening: path)
    add(run.textFaults)
    for part in Resolution(of: judgments, run, in: collection).parts.dropFirst(3)
    where part.missing > 0 {
      report.problems.append(
        DataProblem(
          .warning, "\(survey.name): \(part.line)", at: path,
          remedy: "search the first stage again with this collection"))
    }
    var (found, relevant) = (0, 0)
    for query in judgments.queries {
      let hits = Set(run.documents(of: query).lazy.map(\.document))
      for judgment in judgments.judgments(of: query) where judgment.grade >= options.minimumGrade {
        relevant += 1
        if hits.contains(judgment.document) { found += 1 }
      }
    }
    survey.recall = Double(found) / Double(max(1, relevant))
  }

  /// The lengths of judged pairs, of all or of an even sample.
  private func measure(
    _ judgments: Judgments, _ collection: Collection, _ queries: [String], _ lengths: [UInt32],
    _ survey: inout SplitSurvey
  ) throws(Failure) {
    if options.measure.isCheap, lengths.isEmpty { return }
    let stride = options.measure.isCheap ? 1 : max(1, judgments.count / Self.sample)
    var number = 0
    for id in judgments.queries {
      guard let index = collection.queryIndex(of: id) else { continue }
      var own: Int?
      for judgment in judgments.judgments(of: id) {
        number += 1
        guard number % stride == 0,
          let document = collection.documentIndex(of: judgment.document)
        else { continue }
        let query = own ?? options.measure.length(query: queries[index])
        own = query
        let length =
          lengths.isEmpty
          ? options.measure.length(document: try collection.document(at: document).content)
          : Int(lengths[document])
        survey.pairs.add(query + length)
      }
    }
  }
}
