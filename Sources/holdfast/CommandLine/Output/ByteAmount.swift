/// Amounts of bytes for people.
enum ByteAmount {
  /// The amount in the unit that fits, such as "12 KB" or "3.4 MB"; a KB is 1,024 bytes.
  static func text(_ bytes: Int) -> String {
    let units = ["bytes", "KB", "MB", "GB", "TB"]
    var amount = Double(bytes)
    var unit = 0
    while amount.magnitude >= 1024, unit + 1 < units.count {
      amount /= 1024
      unit += 1
    }
    if unit == 0 { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
    guard amount.magnitude < 9.95 else { return "\(Int(amount.rounded())) \(units[unit])" }
    let tenths = Int((amount * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10)) \(units[unit])"
  }
}

extension Int {
  /// The number with a comma between groups of three digits.
  var grouped: String {
    var digits = Array(String(magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (self < 0 ? "-" : "") + String(digits)
  }
}
