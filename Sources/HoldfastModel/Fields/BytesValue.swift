public import HoldfastJSON

/// Bytes in JSON: a string where they are UTF-8, else `{"base64": "…"}`.
public struct BytesValue: Sendable {
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads either form.
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    switch json {
    case .string(let text): bytes = Array(text.utf8)
    case .object(let object):
      guard object.members.count == 1, let text = object["base64"]?.stringValue,
        let decoded = Base64.decode(text)
      else { throw field.mustBe("a string, or an object with the one member \"base64\"") }
      bytes = decoded
    default: throw field.mustBe("a string, not \(json.kind)")
    }
  }

  /// As ``json``, but as base64 where the marks of a string would take more than that.
  public var shortJSON: JSON {
    // Each such byte takes one to five more; base64 a third.
    let marked = bytes.count { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    return marked * 5 > bytes.count / 3 ? base64JSON : json
  }

  public var json: JSON {
    if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
    return base64JSON
  }

  private var base64JSON: JSON {
    .object(JSONObject([("base64", .string(Base64.encode(bytes)))]))
  }
}
