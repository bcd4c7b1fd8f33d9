import Tensors

/// `a + b`, elementwise with broadcasting.
struct Add {
  let a: Value
  let b: Value

  func backward(_ y: Value, on tape: inout Tape) {
    let dy = tape.incoming(y)
    let n = dy.count
    tape.accumulate(into: a) { da in for i in 0..<n { da[i] += dy[i] } }
    tape.accumulate(into: b) { db in for i in 0..<n { db[i] += dy[i] } }
  }
}
