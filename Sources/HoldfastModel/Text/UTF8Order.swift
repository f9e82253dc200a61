/// Equality, order and hash of texts by their UTF-8 bytes.
public enum UTF8Order {
  /// Whether two texts have the same bytes.
  public static func areSame(_ a: String, _ b: String) -> Bool {
    let x = a.utf8Span.span
    let y = b.utf8Span.span
    guard x.count == y.count else { return false }
    for index in x.indices where x[index] != y[index] { return false }
    return true
  }

  /// Whether the bytes of `a` sort before those of `b`.
  public static func precedes(_ a: String, _ b: String) -> Bool {
    let x = a.utf8Span.span
    let y = b.utf8Span.span
    let common = min(x.count, y.count)
    var index = 0
    while index < common {
      if x[index] != y[index] { return x[index] < y[index] }
      index += 1
    }
    return x.count < y.count
  }

  /// Feeds the bytes of a text into a hasher, with an end mark, so that two texts in a row hash
  /// otherwise than the same bytes split elsewhere.
  public static func hash(_ text: String, into hasher: inout Hasher) {
    let span = text.utf8Span.span
    span.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(0xFF as UInt8)
  }
}
