import Corpora
import Diagnostics
import Files
import Splits

extension DataCheck {
  /// Checks a file of lists. A line that is wrong is reported, and the next one read.
  mutating func check(lists request: DataRequest, texts path: String?) throws(Failure) {
    var texts: Collection?
    if let path { texts = try Collection(opening: path) }
    var lines = try ListLines(opening: request.path, as: request.form)
    var source = DataReport.Source(request.path, layout: "lists")
    source.encodings = [("file", TextFile.foundEncoding(of: try readFile(request.path)))]
    var survey = SplitSurvey(request.name ?? "lists")
    var (documents, queries) = (TextSurvey("documents"), TextSurvey("queries"))
    var (documentTally, queryTally) = (
      TextCount("documents", of: request.path), TextCount("queries", of: request.path)
    )
    var known = Repetitions()
    var pool: [String] = []
    var last: Failure?
    var wrong = 0
    while wrong < Self.mostProblems {
      do throws(Failure) {
        guard let record = try lines.next() else { break }
        let query = try self.query(of: record, texts, at: lines.place)
        pool.append(query)
        queryTally.add(query, line: lines.line)
        queries.lengths.add(options.measure.length(query: query))
        let length = options.measure.length(query: query)
        for document in record.documents {
          let content = try self.content(of: document, texts, at: lines.place)
          documentTally.add(content, line: lines.line)
          known.add(NormalizedText(content))
          documents.count += 1
          guard options.measure.isCheap || documents.lengths.count < Self.sample else { continue }
          let own = options.measure.length(document: content)
          documents.lengths.add(own)
          survey.pairs.add(length + own)
        }
        survey.taught += record.documents.count { $0.teacher != nil }
        survey.add(
          query: record.queryID ?? shortened(query), record.documents.map(\.label),
          relevant: options.minimumGrade)
        if survey.queries % 1000 == 0 { progress("lists", survey.queries, survey.queries) }
      } catch {
        // A reader that stays where it is cannot go on.
        if error == last { break }
        last = error
        wrong += 1
        add(error)
      }
    }
    add(lines.textFaults)
    add([documentTally, queryTally].compactMap(\.emptyTexts))
    let groups = QueryGroups(pool, near: options.near)
    queries.count = pool.count
    queries.same = pool.indices.count { groups.first[$0] != $0 }
    queries.near = pool.indices.count { groups.first[$0] == $0 && groups.group[$0] != $0 }
    documents.same = known.found().count
    pools.append((survey.name, request.path, pool))
    if survey.queries == 0, wrong == 0 {
      add(
        Failure(
          .badData, "the file holds no lists", at: Place(request.path), expected: ListLines.shape))
    }
    if survey.taught < survey.judgments || survey.taught == 0 { judge(survey, at: request.path) }
    (source.documents, source.queries, source.splits) = (documents, queries, [survey])
    add(source)
  }

  private func query(
    of record: ListRecord, _ texts: Collection?, at place: Place
  ) throws(Failure) -> String {
    if let query = record.query { return query }
    guard let id = record.queryID, let texts else {
      throw Self.nameless("query", record.queryID ?? "", at: place)
    }
    guard let index = texts.queryIndex(of: id) else {
      throw Self.unknown("query", id, of: texts, at: place)
    }
    return try texts.query(at: index).text
  }

  private func content(
    of document: ListRecord.Document, _ texts: Collection?, at place: Place
  ) throws(Failure) -> String {
    if let content = document.content { return content }
    guard let id = document.id, let texts else {
      throw Self.nameless("document", document.id ?? "", at: place)
    }
    guard let index = texts.documentIndex(of: id) else {
      throw Self.unknown("document", id, of: texts, at: place)
    }
    return try texts.document(at: index).content
  }

  private static func nameless(_ noun: String, _ id: String, at place: Place) -> Failure {
    Failure(
      .badData, "the \(noun) '\(id)' has no text", at: place,
      expected: "texts in the file, or a collection that has them",
      remedy: "name the collection with --texts, or as data.train.collection")
  }

  private static func unknown(
    _ noun: String, _ id: String, of texts: Collection, at place: Place
  ) -> Failure {
    Failure(
      .badData, "the collection \(texts.path) has no \(noun) '\(id)'", at: place,
      expected: "the collection that the lists were made from")
  }
}
