/// The `Link` header (RFC 8288) to the next page of a list.
enum PageLink {
  /// The header's value: the target as it was asked for, with another cursor.
  static func next(of target: [UInt8], cursor: String) -> String {
    let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    var link = Array("<".utf8)
    append(target[..<end], to: &link)
    link.append(UInt8(ascii: "?"))
    for pair in target[end...].dropFirst().split(separator: UInt8(ascii: "&"))
    where !isCursor(pair) {
      append(pair, to: &link)
      link.append(UInt8(ascii: "&"))
    }
    link += Array("cursor=".utf8)
    for byte in cursor.utf8 { isUnreserved(byte) ? link.append(byte) : escape(byte, to: &link) }
    link += Array(">; rel=\"next\"".utf8)
    return String(decoding: link, as: UTF8.self)
  }

  private static func isCursor(_ pair: ArraySlice<UInt8>) -> Bool {
    pair.elementsEqual("cursor".utf8) || pair.starts(with: "cursor=".utf8)
  }

  /// A part of a target: encoded already, but for what a client should have encoded.
  private static func append(_ part: ArraySlice<UInt8>, to link: inout [UInt8]) {
    for byte in part {
      switch byte {
      case 0...0x20, 0x7f..., UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""):
        escape(byte, to: &link)
      default: link.append(byte)
      }
    }
  }

  /// RFC 3986 section 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func escape(_ byte: UInt8, to link: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    link += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
