import HoldfastJSON

extension BinaryInteger {
  /// So many of something, such as `1 task` or `2 tasks`.
  ///
  /// - Parameter noun: What one is called, and with an s several.
  func of(_ noun: String) -> String { self == 1 ? "1 \(noun)" : "\(self) \(noun)s" }
}

extension JSON {
  /// The number under a key with what it counts; 0 where there is none.
  func count(_ key: String, _ noun: String) -> String { (self[key]?.int64Value ?? 0).of(noun) }
}
