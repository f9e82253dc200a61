/// What kind of content something is: `image/png` (RFC 6838), in lower case and without parameters.
public struct MediaType: Name {
  /// The type: two parts of 1 to 127 letters, digits and `! # $ & - ^ _ . +`.
  public let text: String

  public static let plainText = MediaType(stored: "text/plain")
  public static let anyBytes = MediaType(stored: "application/octet-stream")

  /// Creates a type from a caller's text.
  ///
  /// - Throws: ``HoldfastError`` that says how a type is written.
  public init(_ text: String) throws(HoldfastError) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy(Self.isName) else {
      throw HoldfastError(
        .invalidField,
        "\(text.quoted) is no media type: it is written as in image/png, with 1 to 127 letters, "
          + "digits and !#$&-^_.+ on each side")
    }
    self.text = text.lowercased()
  }

  /// Creates a type from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }

  private static func isName(_ part: Substring.UTF8View) -> Bool {
    (1...127).contains(part.count)
      && part.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$&-^_.+".utf8.contains(byte)
        }
      }
  }

  /// How the names of files of this type end.
  public var fileExtension: String {
    switch text {
    case "application/json": "json"
    case "text/plain": "txt"
    case "text/markdown": "md"
    case "text/html": "html"
    case "image/png": "png"
    case "image/jpeg": "jpg"
    case "image/gif": "gif"
    case "image/webp": "webp"
    case "application/pdf": "pdf"
    default: "bin"
    }
  }
}
