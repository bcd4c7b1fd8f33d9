import Foundation

/// log(1 + e^x) without overflow, and the logistic function of x, which is its derivative. One
/// exponential serves both.
@inline(__always)
func softplus(_ x: Double) -> (value: Double, slope: Double) {
  let small = exp(-abs(x))
  let value = max(x, 0) + log1p(small)
  return (value, x >= 0 ? 1 / (1 + small) : small / (1 + small))
}

/// 1/(1 + e^−x) without overflow.
@inline(__always)
func logistic(_ x: Double) -> Double {
  let small = exp(-abs(x))
  return x >= 0 ? 1 / (1 + small) : small / (1 + small)
}

/// log(e^a + e^b) without overflow, for finite a and b or −∞.
@inline(__always)
func logAddExp(_ a: Double, _ b: Double) -> Double {
  let greater = max(a, b)
  guard greater > -.infinity else { return greater }
  return greater + log1p(exp(-abs(a - b)))
}

/// SplitMix64's finalizer: maps distinct numbers to distinct, random-looking ones.
func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}

/// A number in [0, 1) from 64 random bits.
func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

/// A number in (0, 1), so that its logarithm and that of its complement are finite.
func openUnit(_ bits: UInt64) -> Double { (Double(bits >> 12) + 0.5) * 0x1p-52 }

/// The gain G(y) = 2^y − 1 of a label, 0 for a negative one, times `scale`.
///
/// Only ratios of gains are used, so that a common scale prevents overflow with labels in the
/// thousands: see `gainExponent(greatestLabel:)`.
@inline(__always)
func gain(_ label: Double, exponent: Double) -> Double {
  exp2(max(label, 0) - exponent) - exp2(-exponent)
}

/// The exponent e such that gains divided by 2^e are finite; 0 for realistic grades.
func gainExponent(greatestLabel: Double) -> Double { greatestLabel > 64 ? greatestLabel : 0 }

@inline(__always)
func log2(_ x: Double) -> Double { Foundation.log2(x) }
