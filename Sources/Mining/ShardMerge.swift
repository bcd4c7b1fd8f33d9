public import Diagnostics
import Files

/// Merges the finished parts of a job: the folder then holds, byte for byte, the output of a single
/// run.
///
/// - Parameters:
///   - output: the job.
///   - count: the number of parts.
///   - overwrite: whether an existing result in the folder may be replaced.
/// - Throws: `missingInput` naming the first part that is not finished, `badData` if a part belongs
///   to a different job or no negatives are left; `cannotCreate` or `io`.
public func mergeShards(
  of output: MiningOutput, count: Int, overwrite: Bool
) throws(Failure) -> MiningReport {
  let folder = output.folder
  if !overwrite { try folder.requireFree() }
  var counts = MiningCounts()
  var parts: [MiningFolder] = []
  var first: MiningJournal.Header?
  var next = 0
  for number in 1...count {
    guard let shard = Shard(number, of: count) else { continue }
    let part = MiningFolder(shard.folder(in: folder.path))
    let journal = try finished(part, shard)
    let header = journal.header
    guard header.job == (first ?? header).job, header.files == (first ?? header).files,
      header.first == next, hasSameTexts(header, first ?? header)
    else {
      throw Failure(
        .badData, "part \(shard) and the first part belong to different jobs", at: Place(part.path),
        expected: "parts of one job over the same data",
        remedy: "mine it again with --shard \(shard) --overwrite")
    }
    guard header.text == output.identityHash else {
      throw Failure(
        .badData, "part \(shard) was mined by a different job", at: Place(part.path),
        expected: "the job described in \(part.job)",
        remedy: "name that job, or mine the parts again with --overwrite")
    }
    first = first ?? header
    next = header.last
    if let last = journal.last { counts.add(last.counts) }
    parts.append(part)
  }
  guard let first, next == first.queries else {
    throw Failure(.badData, "the parts do not cover all queries", at: Place(folder.path))
  }
  let report = MiningReport(counts, job: first.job)
  try report.requireNegatives()
  if overwrite { try folder.clear() }
  try writeAtomically(output.job, to: folder.job)
  for name in first.files {
    try writeAtomically(to: folder.place(name)) { file throws(Failure) in
      for part in parts {
        let bytes = try Bytes(mapping: part.place(name))
        // In blocks, so that memory does not grow with the files.
        for start in stride(from: 0, to: bytes.count, by: 1 << 22) {
          let piece = start..<min(start + 1 << 22, bytes.count)
          try bytes[piece].withSpan { span throws(Failure) in try file.append(span) }
          bytes.release(piece)
        }
      }
    }
  }
  try report.write(to: folder)
  return report
}

/// The journal of a finished part.
private func finished(
  _ part: MiningFolder, _ shard: Shard
) throws(Failure) -> MiningJournal {
  guard part.state == .finished, fileKind(at: part.journal) == .file,
    let journal = try MiningJournal(
      reading: part.journal, size: { fileSize(at: part.place($0)) ?? 0 }),
    (journal.last?.next ?? journal.header.first) == journal.header.last
  else {
    throw Failure(
      .missingInput, "part \(shard) is not finished", at: Place(part.path),
      expected: "the result of --shard \(shard)",
      remedy: "run the job with --shard \(shard) --resume")
  }
  return journal
}

/// Whether two parts were mined from the same corpus and queries, as far as their checksums are
/// known; paths may differ between machines.
private func hasSameTexts(_ a: MiningJournal.Header, _ b: MiningJournal.Header) -> Bool {
  guard let a = a.data, let b = b.data else { return true }
  return a.values.sorted() == b.values.sorted()
}
