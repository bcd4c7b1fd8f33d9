package import Export
import JSON
import ModelFiles
import Options
import Recipes
import Tables

extension TrainedRun {
  /// The training and evaluation data.
  package var dataLines: [ModelCard.Line] {
    guard let recipe else { return [] }
    var lines: [ModelCard.Line] = []
    func add(_ role: String, _ source: TrainingSource) {
      let candidates = source.candidates.map { ", candidates from \(ModelNotes.short($0))" } ?? ""
      let split =
        source.shares.map { shares in
          let percent = (shares.share(of: .init(rawValue: source.split) ?? .train) * 1000).rounded()
          return "\(Self.plain(percent / 10)) % of its queries"
        } ?? "split \(source.split)"
      lines.append(
        .init(role, "\(ModelNotes.short(source.collection)), \(split)\(candidates)"))
    }
    switch recipe.data.train.source {
    case .judged(let source): add("training", source)
    case .lists(let lists):
      lines.append(.init("training", "lists in \(ModelNotes.short(lists.file))"))
    }
    if let teacher = recipe.data.train.teacherModel {
      lines.append(.init("teacher", "scores of \(ModelNotes.short(teacher.model))"))
    } else if let teacher = recipe.data.train.teacher {
      lines.append(.init("teacher", "scores in \(ModelNotes.short(teacher))"))
    }
    if let dev = recipe.data.dev { add("development", dev) }
    if let test = recipe.data.test { add("test", test) }
    if case .list(let continuations)? = data?[DataRecord.continuationsKey] {
      for case .object(let entry) in continuations {
        guard case .whole(let step)? = entry["after_step"] else { continue }
        let changed = entry["data"]?.members?.keys.sorted() ?? []
        lines.append(
          .init("data changed", "after step \(step): \(changed.joined(separator: ", "))"))
      }
    }
    return lines
  }

  /// Loss, lists, optimizer and length of the training.
  package var trainingLines: [ModelCard.Line] {
    guard let recipe else { return [] }
    var lines = [
      ModelCard.Line(
        "loss",
        recipe.loss.terms.map { term in
          term.weight == 1 ? term.name : "\(Self.plain(term.weight)) · \(term.name)"
        }.joined(separator: " + "))
    ]
    let list = recipe.data.list
    lines.append(.init("lists", "\(list.size) documents, up to \(list.positives) positives"))
    if let warmUp = recipe.warmUp {
      let teacher = warmUp.teacherRun.map(ModelNotes.short) ?? "bi-encoder"
      lines.append(
        .init(
          "warm-up",
          "\(warmUp.lists) lists generated from the corpus, teacher \(teacher)"))
    }
    let optimizer = recipe.optimizer
    lines.append(
      .init(
        "optimizer",
        "\(optimizer.name.rawValue), learning rate \(optimizer.schedule.peak), "
          + "weight decay \(optimizer.adamW.weightDecay), \(optimizer.schedule.course.rawValue)"))
    let training = recipe.training
    let batch =
      switch training.batch {
      case .lists(let count): "\(count) lists"
      case .tokens(let count): "\(count) tokens"
      }
    lines.append(
      .init("length", "\(training.epochs) epochs, batches of \(batch), seed \(training.seed)"))
    if case .whole(let steps)? = metrics?["steps"] {
      let best: String
      if case .whole(let step)? = metrics?["best_step"] {
        best = ", the best by \(recipe.evaluation.select) after \(step)"
      } else {
        best = ""
      }
      lines.append(.init("steps", "\(steps)\(best)"))
    }
    if let average = averageText { lines.append(.init("weights", average)) }
    return lines
  }

  /// The averages that the weights are made of; nil for the weights of one step.
  private var averageText: String? {
    guard let average = metrics?["average"] else { return nil }
    var parts: [String] = []
    if let ema = average["ema"]?.double, case .whole(let steps)? = average["ema_steps"] {
      parts.append("moving average of \(steps) steps, decay \(ema)")
    }
    if case .list(let steps)? = average["checkpoints"] {
      let numbers = steps.map { if case .whole(let step) = $0 { "\(step)" } else { "?" } }
      parts.append(
        numbers.count == 1
          ? "the model after step \(numbers[0]), with which no average was as good on dev"
          : "mean of the models after steps \(numbers.joined(separator: ", "))")
    }
    if let share = average["base"]?.double {
      parts.append(
        share == 1
          ? "no share of the base model, with which no sum was better on dev"
          : share == 0
            ? "the base model's alone, than which none was better on dev with a share of the trained ones"
            : "\(share) of them and \(fixed(1 - share, 2)) of the base model's")
    }
    return parts.joined(separator: "; ")
  }

  /// The measures with their intervals.
  package var results: [ModelCard.Results] {
    ["dev", "test"].compactMap { split in
      guard let part = metrics?[split], let orders = part["orders"]?.members else { return nil }
      let names = ["first stage", "bi-encoder", "base model", "model", "fused"].filter {
        orders[$0] != nil
      }
      let found = orders[names.first ?? ""]?.members?.keys.sorted() ?? []
      let asked = recipe?.evaluation.measures.filter(found.contains) ?? []
      let measures = asked.isEmpty ? found : asked
      var rows = names.map { order in
        (
          name: order,
          values: measures.map { measure in
            Self.cell(
              orders[order]?[measure]?.double, part["intervals"]?[order]?[measure], sign: false)
          }
        )
      }
      let first = orders["first stage"]
      for order in ["model", "fused"] where part["gains"]?[order] != nil {
        rows.append(
          (
            name: "\(order), gain",
            values: measures.map { measure in
              let (a, b) = (orders[order]?[measure]?.double, first?[measure]?.double)
              let gain: Double? = if let a, let b { a - b } else { nil }
              return Self.cell(gain, part["gains"]?[order]?[measure], sign: true)
            }
          ))
      }
      let queries: String = if case .whole(let n)? = part["queries"] { "\(n) queries" } else { "" }
      return ModelCard.Results(title: "\(split), \(queries)", measures: measures, rows: rows)
    }
  }

  private static func cell(_ value: Double?, _ interval: JSONValue?, sign: Bool) -> String {
    guard let value else { return "" }
    func text(_ number: Double) -> String { (sign && number >= 0 ? "+" : "") + fixed(number, 4) }
    guard case .list(let bounds)? = interval, bounds.count == 2, let low = bounds[0].double,
      let high = bounds[1].double
    else { return text(value) }
    return "\(text(value)) [\(text(low)), \(text(high))]"
  }

  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
