internal import HoldfastModel

/// The `Link` header (RFC 8288) to the next page of a list.
enum PageLink {
  /// The header's value: the target as it was asked for, with another cursor.
  static func next(of target: [UInt8], cursor: String) -> String {
    let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    let pairs = target[end...].dropFirst().split(separator: UInt8(ascii: "&"))
      .filter { !isCursor($0) }.map { part($0) + "&" }
    return "<\(part(target[..<end]))?\(pairs.joined())cursor=\(PercentEncoding.text(cursor.utf8))>"
      + "; rel=\"next\""
  }

  private static func isCursor(_ pair: ArraySlice<UInt8>) -> Bool {
    pair.elementsEqual("cursor".utf8) || pair.starts(with: "cursor=".utf8)
  }

  /// A part of a target: encoded already, but for what a client should have encoded.
  private static func part(_ bytes: ArraySlice<UInt8>) -> String {
    PercentEncoding.text(bytes) { byte in
      (0x21...0x7e).contains(byte) && !"<>\"".utf8.contains(byte)
    }
  }
}
