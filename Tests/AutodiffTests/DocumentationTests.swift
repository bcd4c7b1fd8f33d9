import Autodiff
import Foundation
import Tensors
import TestSupport
import Testing

/// The example of Documentation/Autodiff.md, between the two markers, and nothing else.
private enum Example {
  // example begins
  /// Fits a network of two layers to y = sin x on [-3, 3] and returns the mean squared error.
  static func fitSine() -> Float {
    var table = ParameterTable()
    let w1 = table.add("hidden.weight", Shape(16, 1), decays: true)
    let b1 = table.add("hidden.bias", Shape(16), decays: false)
    let w2 = table.add("output.weight", Shape(1, 16), decays: true)
    let b2 = table.add("output.bias", Shape(1), decays: false)
    let parameters = Parameters(table)
    let gradients = Storage(count: table.count)
    let weights = parameters.values
    for i in w1.range { weights[i] = Float(i - 8) / 8 }
    for i in b1.range { weights[i] = Float(i % 5 - 2) / 2 }

    let inputs = (0..<64).map { Float($0) / 63 * 6 - 3 }
    let targets = inputs.map { sinf($0) }
    var tape = Tape(parameters, gradients: gradients)
    var error: Float = .infinity
    for _ in 0..<3000 {
      tape.reset()
      let x = tape.constant(inputs.span, Shape(64, 1))
      let y = tape.constant(targets.span, Shape(64, 1))
      let first = tape.matmul(x, tape.parameter(w1), transposingRight: true)
      let hidden = tape.tanh(tape.add(first, tape.parameter(b1)))
      let second = tape.matmul(hidden, tape.parameter(w2), transposingRight: true)
      let difference = tape.subtract(tape.add(second, tape.parameter(b2)), y)
      let loss = tape.mean(tape.multiply(difference, difference))
      error = tape.array(of: loss)[0]
      gradients.fill(0)
      tape.backward(from: loss)
      for i in 0..<table.count { weights[i] -= 0.1 * gradients[i] }
    }
    return error
  }
  // example ends
}

@Suite struct DocumentationTests {
  /// A network that only knows the mean of a sine on [-3, 3] has an error of about 0.55.
  @Test func exampleFits() {
    let error = Example.fitSine()
    #expect(error < 2e-3)
  }

  @Test func documentationHoldsTheExample() throws {
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let parts = source.components(separatedBy: "  // example begins\n")
    let example = parts[1].components(separatedBy: "  // example ends\n")[0]
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }.joined(separator: "\n")
    let page = try String(
      contentsOf: Material.package.appending(path: "Documentation/Autodiff.md"), encoding: .utf8)
    #expect(example.count > 500 && page.contains(example))
  }

  @Test func everyOperationIsAFile() throws {
    let sources = Material.package.appending(path: "Sources/Autodiff")
    let list = try String(contentsOf: sources.appending(path: "Operation.swift"), encoding: .utf8)
    let payloads = list.matches(of: /case \w+\((\w+)\)/).map { String($0.output.1) }
    #expect(payloads.count >= 13)
    for payload in payloads {
      let file = sources.appending(path: "Operations/\(payload).swift")
      #expect(
        FileManager.default.fileExists(atPath: file.path(percentEncoded: false)), "\(payload)")
    }
  }
}
