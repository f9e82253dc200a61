internal import HoldfastModel

/// The address of a resource: a scheme, and parts that are names and no paths.
///
///     task://web/fix%20login  // scheme task, parts web and fix login
struct ResourceAddress: Sendable {
  let scheme: String
  /// The parts behind `://`, decoded.
  let parts: [String]

  /// The longest address, in bytes: a project's name and a task's, each byte in three.
  static let bytesMax = 4096

  /// Reads an address by RFC 3986.
  ///
  /// - Throws: ``Refusal`` for what is no address, or could mean another place than it says.
  init(_ text: String) throws(Refusal) {
    guard text.utf8.count <= Self.bytesMax else {
      throw Refusal("it has more than \(Self.bytesMax) bytes")
    }
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
      text[colon...].hasPrefix("://"), Self.isScheme(text[..<colon])
    else { throw Refusal("it has no scheme, such as task://") }
    scheme = text[..<colon].lowercased()
    let rest = text[text.utf8.index(colon, offsetBy: 3)...]
    var parts: [String] = []
    for part in rest.split(separator: "/", omittingEmptySubsequences: false) {
      parts.append(try Self.decoded(part))
    }
    self.parts = parts
  }

  /// What is wrong with an address.
  struct Refusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  /// A name as a part of an address.
  static func encoded(_ name: String) -> String { PercentEncoding.text(name.utf8) }

  private static func decoded(_ part: Substring) throws(Refusal) -> String {
    guard part.utf8.allSatisfy({ isPlain($0) || $0 == UInt8(ascii: "%") }) else {
      throw Refusal("in a name stand letters, digits and -._~ as they are, all else as %XX")
    }
    guard let bytes = PercentEncoding.bytes(part.utf8) else {
      throw Refusal("two hexadecimal digits stand behind a %")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal("what stands as %XX is not UTF-8")
    }
    guard !text.isEmpty else { throw Refusal("a name is empty") }
    // Programs on the way take such parts out, with the part before them.
    guard text != ".", text != ".." else { throw Refusal("a name is \(text)") }
    guard !text.utf8.contains(0) else { throw Refusal("%00 is in no name") }
    return text
  }

  private static func isScheme(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
  }

  /// Whether a byte stands in a name as it is: unreserved, or a delimiter inside of parts.
  private static func isPlain(_ byte: UInt8) -> Bool {
    PercentEncoding.isUnreserved(byte) || "!$&'()*+,;=".utf8.contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
