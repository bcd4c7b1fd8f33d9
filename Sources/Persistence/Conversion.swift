/// Conversions between stored numbers and `Float`, in loops that the compiler vectorises: no
/// branches, no calls, and pointers instead of spans because file bytes need not be aligned.

/// Fills `values` from the bytes of as many numbers of a floating-point `type`, little-endian.
package func convert(
  _ source: Span<UInt8>, of type: TensorType, into values: inout MutableSpan<Float>
) {
  precondition(source.count == values.count * type.size)
  unsafe source.withUnsafeBytes { raw in
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let from = raw.baseAddress, let to = values.baseAddress else { return }
      let count = values.count
      switch type {
      case .f32:
        for index in 0..<count {
          let bits = unsafe from.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self)
          unsafe to[index] = Float(bitPattern: UInt32(littleEndian: bits))
        }
      case .bf16:
        for index in 0..<count {
          let bits = unsafe from.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self)
          unsafe to[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
        }
      case .f16:
        for index in 0..<count {
          let bits = unsafe from.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self)
          unsafe to[index] = widen(half: UInt16(littleEndian: bits))
        }
      case .f64:
        for index in 0..<count {
          let bits = unsafe from.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
          unsafe to[index] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
        }
      default:
        preconditionFailure("\(type) has no conversion")
      }
    }
  }
}

/// Appends `values` to `bytes` as numbers of `precision`, little-endian, rounded to nearest even.
package func encode(
  _ values: Span<Float>, as precision: StoredPrecision, into bytes: inout [UInt8]
) {
  let start = bytes.count
  bytes.append(contentsOf: repeatElement(0, count: values.count * precision.size))
  unsafe bytes.withUnsafeMutableBytes { raw in
    unsafe values.withUnsafeBufferPointer { values in
      guard let base = raw.baseAddress else { return }
      let to = unsafe base + start
      switch precision {
      case .f32:
        for index in 0..<values.count {
          let bits = unsafe values[index].bitPattern.littleEndian
          unsafe to.storeBytes(of: bits, toByteOffset: 4 &* index, as: UInt32.self)
        }
      case .f16:
        for index in 0..<values.count {
          let bits = unsafe narrow(toHalf: values[index]).littleEndian
          unsafe to.storeBytes(of: bits, toByteOffset: 2 &* index, as: UInt16.self)
        }
      case .bf16:
        for index in 0..<values.count {
          let bits = unsafe narrow(toBFloat: values[index]).littleEndian
          unsafe to.storeBytes(of: bits, toByteOffset: 2 &* index, as: UInt16.self)
        }
      }
    }
  }
}

/// The value of a binary16. Normal exponents are rebiased by an addition to the bits; subnormals
/// are normalised by subtracting a float with their exponent.
@inline(__always)
private func widen(half: UInt16) -> Float {
  let shifted = UInt32(half & 0x7FFF) &<< 13
  let exponent = shifted & 0x0F80_0000
  let normal = shifted &+ 0x3800_0000
  let special = shifted | 0x7F80_0000
  let subnormal =
    (Float(bitPattern: shifted &+ 0x3880_0000) - Float(bitPattern: 0x3880_0000)).bitPattern
  let magnitude = exponent == 0 ? subnormal : exponent == 0x0F80_0000 ? special : normal
  return Float(bitPattern: magnitude | UInt32(half & 0x8000) &<< 16)
}

/// The nearest binary16, ties to even. Values beyond 65519.99… become infinite, as in IEEE 754.
@inline(__always)
private func narrow(toHalf value: Float) -> UInt16 {
  let bits = value.bitPattern
  let magnitude = bits & 0x7FFF_FFFF
  // Adding 0.5 aligns the subnormal's last bit with the float's, so that the addition rounds it.
  let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3F00_0000
  let odd = (magnitude &>> 13) & 1
  let normal = (magnitude &- 0x3800_0000 &+ 0x0FFF &+ odd) &>> 13
  // A NaN keeps the upper bits of its payload and becomes quiet.
  let notANumber = 0x7E00 | ((magnitude &>> 13) & 0x3FF)
  let finite = magnitude < 0x3880_0000 ? subnormal : normal
  let special = magnitude > 0x7F80_0000 ? notANumber : 0x7C00
  let half = magnitude >= 0x4780_0000 ? special : finite
  return UInt16(truncatingIfNeeded: half | (bits &>> 16) & 0x8000)
}

/// The nearest bfloat16, ties to even.
@inline(__always)
private func narrow(toBFloat value: Float) -> UInt16 {
  let bits = value.bitPattern
  let rounded = (bits &+ 0x7FFF &+ ((bits &>> 16) & 1)) &>> 16
  // Rounding could carry a NaN's payload into its sign; it is truncated and made quiet instead.
  let notANumber = bits &>> 16 | 0x40
  return UInt16(truncatingIfNeeded: bits & 0x7FFF_FFFF > 0x7F80_0000 ? notANumber : rounded)
}

/// The index of the first NaN or infinity, or nil if every value is finite.
public func firstNonFinite(in values: Span<Float>) -> Int? {
  // The largest magnitude of a block decides whether its values are examined one by one; that loop
  // vectorises.
  let block = 4096
  for start in stride(from: 0, to: values.count, by: block) {
    let end = min(start + block, values.count)
    var largest: UInt32 = 0
    for index in start..<end {
      largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF)
    }
    if largest >= 0x7F80_0000 {
      for index in start..<end where !values[index].isFinite { return index }
    }
  }
  return nil
}
