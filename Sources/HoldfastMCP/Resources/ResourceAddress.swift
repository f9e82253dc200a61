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
  static func encoded(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      if isUnreserved(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
      }
    }
    return text
  }

  private static func decoded(_ part: Substring) throws(Refusal) -> String {
    var bytes: [UInt8] = []
    var rest = part.utf8
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { throw Refusal("two hexadecimal digits stand behind a %") }
        bytes.append(high << 4 | low)
      case _ where isUnreserved(byte) || isDelimiter(byte): bytes.append(byte)
      default:
        throw Refusal("in a name stand letters, digits and -._~ as they are, all else as %XX")
      }
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

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "-._~".utf8.contains(byte)
  }

  private static func isDelimiter(_ byte: UInt8) -> Bool { "!$&'()*+,;=".utf8.contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
