internal import HoldfastJSON

/// The path of a file that agents lock, relative to the root of its project.
///
/// `src//a.swift`, `./src/a.swift` and `src/b/../a.swift` name one file. It need not be there.
public struct LockPath: Name {
  /// The normalised path, 1 to 4,096 bytes.
  public let text: String

  /// The longest path as a caller may write it, in bytes.
  public static let bytesMax = 4096

  /// Creates a path from a caller's text: takes out empty parts and `.`, and goes back at `..`.
  ///
  /// - Throws: ``HoldfastError`` that names the path and the rule: it is not empty, has no U+0000, at
  ///   most 4,096 bytes, is not absolute, and leads neither out of the project nor to its root.
  public init(_ text: String) throws(HoldfastError) {
    let bytes = text.utf8
    guard !bytes.isEmpty else { throw Self.refusal(text, "not_empty", "must not be empty") }
    guard bytes.count <= Self.bytesMax else {
      throw Self.refusal(
        text, "length", "must be at most \(Self.bytesMax) bytes long, not \(bytes.count)")
    }
    guard !bytes.contains(0) else {
      throw Self.refusal(text, "no_nul", "must not contain the character U+0000")
    }
    guard bytes.first != UInt8(ascii: "/") else {
      throw Self.refusal(text, "relative", "must be relative to the root of the project")
    }
    var parts: [Substring.UTF8View] = []
    for part in Substring(text).utf8.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual(".".utf8) { continue }
      guard part.elementsEqual("..".utf8) else {
        parts.append(part)
        continue
      }
      guard parts.popLast() != nil else {
        throw Self.refusal(text, "inside", "must not lead out of the project")
      }
    }
    guard !parts.isEmpty else {
      throw Self.refusal(text, "file", "must name a file, not the root of the project")
    }
    self.text = parts.map { String(Substring($0)) }.joined(separator: "/")
  }

  /// Creates a path from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }

  private static func refusal(_ path: String, _ rule: String, _ words: String) -> HoldfastError {
    HoldfastError(
      .invalidPath, "the path \(path.quoted) \(words)",
      details: [("path", .string(path.legible)), ("rule", .string(rule))])
  }
}
