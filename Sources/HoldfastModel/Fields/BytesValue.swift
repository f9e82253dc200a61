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

  public var json: JSON {
    if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
    return .object(JSONObject([("base64", .string(Base64.encode(bytes)))]))
  }
}
