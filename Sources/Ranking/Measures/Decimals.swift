import Foundation

/// A number with four decimals, as measures are printed.
package func decimals(_ value: Double) -> String { String(format: "%.4f", value) }
