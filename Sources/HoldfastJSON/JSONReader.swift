/// Reads JSON as RFC 8259 defines it, and nothing else.
///
///     let task = try JSONReader.read(body)
///
/// A byte order mark, comments, trailing commas, invalid UTF-8 and lone surrogates are refused.
/// Duplicate keys are kept; the last one counts.
public enum JSONReader {
  /// What a document may ask of the reader.
  public struct Limits: Sendable {
    /// The most levels of nesting the reader ever accepts, whatever the limits say.
    ///
    /// Reading, comparing and freeing a value recurse once per level.
    public static let depthMax = 512

    /// The limits that hold when none are given.
    public static let `default` = Limits()

    /// The maximum nesting of arrays and objects; at most ``depthMax``.
    public var depth: Int

    /// Limits with a maximum nesting.
    public init(depth: Int = Limits.depthMax) {
      self.depth = depth
    }
  }

  /// Reads one value that is the whole input, apart from white space around it.
  /// - Throws: ``JSONError`` with the place of the first byte that is wrong.
  public static func read(_ bytes: [UInt8], limits: Limits = .default) throws(JSONError) -> JSON {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      try read(UnsafeRawBufferPointer(buffer), limits: limits)
    }
  }

  /// Reads one value that is the whole input, apart from white space around it.
  /// - Throws: ``JSONError`` with the place of the first byte that is wrong.
  public static func read(
    _ bytes: UnsafeRawBufferPointer, limits: Limits = .default
  ) throws(JSONError) -> JSON {
    var parser = JSONParser(bytes, limits: limits)
    let value = try parser.document()
    try parser.expectEnd()
    return value
  }

  /// Reads only the first value and ignores what follows.
  /// - Returns: The value, and the number of bytes up to its end.
  /// - Throws: ``JSONError`` with the place of the first byte that is wrong.
  public static func readFirst(
    _ bytes: [UInt8], limits: Limits = .default
  ) throws(JSONError) -> (value: JSON, consumed: Int) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      try readFirst(UnsafeRawBufferPointer(buffer), limits: limits)
    }
  }

  /// Reads only the first value and ignores what follows.
  /// - Returns: The value, and the number of bytes up to its end.
  /// - Throws: ``JSONError`` with the place of the first byte that is wrong.
  public static func readFirst(
    _ bytes: UnsafeRawBufferPointer, limits: Limits = .default
  ) throws(JSONError) -> (value: JSON, consumed: Int) {
    var parser = JSONParser(bytes, limits: limits)
    let value = try parser.document()
    return (value, parser.index)
  }
}
