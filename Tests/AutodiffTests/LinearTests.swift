import Autodiff
import Tensors
import Testing

@Suite struct LinearTests {
  @Test(arguments: [(1, 1, 1), (3, 5, 4), (17, 40, 9)])
  func linear(_ rows: Int, _ inner: Int, _ outer: Int) {
    let x = Input.random(Shape(rows, inner), seed: 1)
    let weight = Input.random(Shape(outer, inner), seed: 2)
    let bias = Input.random(Shape(outer), seed: 3)
    LayerCheck(parameters: [weight, bias], inputs: [x]) {
      Reference.linear($1[0], $0[0], $0[1], inner: inner)
    } _: {
      $0.linear($2[0], $1[0], $1[1])
    }
    LayerCheck(parameters: [weight], inputs: [x]) {
      Reference.linear($1[0], $0[0], nil, inner: inner)
    } _: {
      $0.linear($2[0], $1[0], nil)
    }
    // The input has two uses and the weight as well: both gradients are sums.
    LayerCheck(parameters: [weight, bias], inputs: [x]) {
      Reference.linear($1[0], $0[0], $0[1], inner: inner).map { 2 * $0 }
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      return tape.add(tape.linear(shared, p[0], p[1]), tape.linear(shared, p[0], p[1]))
    }
  }

  /// Some rows of a parameter as a parameter of their own: their gradients go to the right place.
  @Test func rowsOfALinearLayer() {
    let x = Input.random(Shape(4, 3), seed: 1)
    let weight = Input.random(Shape(6, 3), seed: 2)
    let bias = Input.random(Shape(6), seed: 3)
    LayerCheck(parameters: [weight, bias], inputs: [x]) { p, x in
      Reference.linear(x[0], Array(p[0][6..<15]), Array(p[1][2..<5]), inner: 3)
    } _: {
      $0.linear($2[0], $1[0].rows(2..<5), $1[1].rows(2..<5))
    }
  }
}
