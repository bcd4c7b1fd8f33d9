import Diagnostics
#if Network
  import Web
#endif

extension JudgeRun {
  #if Network
    /// Asks about pairs, a few at a time, until all are decided or something ends the job.
    func ask(
      _ open: [JudgedPair], _ settings: JudgeSettings, _ key: String?, _ ledger: JudgeLedger,
      _ onVerdict: @Sendable @escaping (Int) -> Void, _ isCancelled: @Sendable @escaping () -> Bool
    ) throws(Failure) {
      let client = try JudgeClient(settings, key: key)
      try waiting { [self] () async throws(Failure) in
        await withTaskGroup(of: Void.self) { group in
          var (next, done) = (0, 0)
          func begin() {
            guard next < open.count, !ledger.isOver, !isCancelled() else { return }
            let pair = open[next]
            next += 1
            group.addTask { [self] in await decide(pair, settings, client, ledger) }
          }
          for _ in 0..<settings.concurrency { begin() }
          while await group.next() != nil {
            done += 1
            onVerdict(done)
            begin()
          }
        }
      }
    }

    /// Asks about a pair until there is a grade or the attempts are used up.
    private func decide(
      _ pair: JudgedPair, _ settings: JudgeSettings, _ client: JudgeClient, _ ledger: JudgeLedger
    ) async {
      var verdict = Verdict(
        pair, grade: nil, rationale: "", model: settings.model, prompt: prompt.checksum)
      let body: String
      do throws(Failure) {
        let text = prompt.text(
          query: try collection.query(id: pair.query).text,
          document: try collection.document(id: pair.document).content)
        body = try settings.body(text)
      } catch { return ledger.fail(error) }
      // No tokenizer has fewer bytes a token than 1, but texts have 3 and more.
      let most = settings.maximumTokens + body.utf8.count / 3
      for attempt in 0...settings.retries {
        guard ledger.reserve(tokens: most) else {
          // The attempts so far are recorded, and the pair is asked again.
          if verdict.requests > 0 { ledger.record(verdict) }
          return
        }
        verdict.requests += 1
        let reply = await client.send(body)
        var (used, wait): (Int, Double?) = (0, nil)
        var isFinal = false
        switch reply {
        case .answered(let text, let tokens):
          used = tokens > 0 ? tokens : (body.utf8.count + text.utf8.count) / 3
          if let opinion = Opinion(in: text, highest: prompt.highestGrade) {
            (verdict.grade, verdict.rationale, isFinal) = (opinion.grade, opinion.reason, true)
          } else {
            verdict.rationale = "an answer without one grade from 0 to \(prompt.highestGrade)"
          }
        case .faulty(let problem, let asked): (verdict.rationale, wait) = (problem, asked)
        case .rejected(let problem): (verdict.rationale, isFinal) = (problem, true)
        case .refused(let failure):
          ledger.settle(reserved: most, used: 0)
          return ledger.fail(failure)
        }
        ledger.settle(reserved: most, used: used)
        verdict.tokens += used
        if isFinal || attempt == settings.retries { break }
        await client.pause(attempt, atLeast: wait)
      }
      ledger.add(verdict)
    }
  #else
    /// A program without the HTTP client asks nobody.
    func ask(
      _ open: [JudgedPair], _ settings: JudgeSettings, _ key: String?, _ ledger: JudgeLedger,
      _ onVerdict: @Sendable @escaping (Int) -> Void, _ isCancelled: @Sendable @escaping () -> Bool
    ) throws(Failure) {
      throw Failure(
        .unavailable, "this program was built without requests to judges",
        at: Place(settings.endpoint),
        remedy: "build with the package trait Network, which is on by default, or name a file of "
          + "verdicts: judge.file")
    }
  #endif
}
