import Foundation

/// The cosines and sines of rotary position embeddings (Su et al., 2021), for every position up to
/// the maximum length of a sequence.
///
/// A head's columns i and i + width/2 are a pair, which the position p rotates by p ·
/// base^(−2i/width), unless a scaling changes the frequencies: the halves of transformers'
/// `rotate_half`, not neighbouring columns. A model builds the table once; all layers with the same
/// base and scaling share it, on any thread.
public final class RotaryTable: Sendable {
  /// The wavelengths are geometric from 2π to 2π · base.
  public let base: Double
  /// The change of the frequencies.
  public let scaling: RotaryScaling
  /// The number of columns per head.
  public let width: Int
  /// The number of positions.
  public let positions: Int
  private let storage: Storage

  /// `width` is even.
  public init(base: Double, width: Int, positions: Int, scaling: RotaryScaling = .none) {
    precondition(
      base > 0 && width > 0 && width % 2 == 0 && positions > 0,
      "rotary positions: base \(base), \(width) columns, \(positions) positions")
    self.base = base
    self.scaling = scaling
    self.width = width
    self.positions = positions
    storage = Storage(count: positions * width)
    let half = width / 2
    let magnitude = scaling.magnitude
    for (i, frequency) in scaling.frequencies(base: base, width: width).enumerated() {
      for position in 0..<positions {
        let angle = Double(position) * frequency
        storage.floats[position * width + i] = Float(magnitude * cos(angle))
        storage.floats[position * width + half + i] = Float(magnitude * sin(angle))
      }
    }
  }

  /// `[positions, width]`: cosines of the width/2 angles, then their sines.
  package var values: Floats { storage.floats }
}
