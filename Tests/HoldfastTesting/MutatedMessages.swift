public import HoldfastJSON

/// Messages of the Model Context Protocol as no client means them: good ones with something wrong.
public struct MutatedMessages: Sendable {
  private var random: SeededGenerator
  private var count = 0

  public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private static let meta = """
    "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
    "io.modelcontextprotocol/clientCapabilities":{}}
    """

  private static let good = [
    #"{"jsonrpc":"2.0","id":NUMBER,"method":"server/discover","params":{\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":"NUMBER","method":"tools/list","params":{"cursor":"",\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":NUMBER,"method":"tools/call","params":{"name":"orient","arguments":{"agent":"ann"},\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":NUMBER,"method":"tools/call","params":{"name":"task_create","arguments":{"title":"ü","tags":["a"],"priority":3,"project":"p"}}}"#,
    #"{"jsonrpc":"2.0","id":NUMBER,"method":"tools/call","params":{"name":"task_list","arguments":{"q":"x","limit":5,"project":"p"}}}"#,
    #"{"jsonrpc":"2.0","id":NUMBER,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"nobody"}}"#,
    #"[{"jsonrpc":"2.0","id":NUMBER,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]"#,
  ]

  private static let pieces = [
    "null", "{}", "[]", "\"\"", "-1", "1e400", "0.5", "true", "\"\\ud800\"", "\"id\":null,", "}",
    "]",
    "\\", "\"", ",", ":", "[[[[", "\u{0}", "😀", "\"2025-06-18\"", "\"tools/call\"",
    "99999999999999999999", "\r",
  ]

  /// The next message.
  public mutating func next() -> [UInt8] {
    count += 1
    let good = Self.good.randomElement(using: &random) ?? ""
    var bytes = Array(good.replacing("NUMBER", with: "\(count)").utf8)
    for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let start = Int.random(in: bytes.indices, using: &random)
    let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
    switch Int.random(in: 0...5, using: &random) {
    case 0: bytes[start] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(start..<end)
    case 2: bytes.insert(contentsOf: bytes[start..<end], at: start)
    case 3: bytes.removeSubrange(start...)
    case 4: replaceValue(&bytes)
    default:
      let piece = Self.pieces.randomElement(using: &random) ?? ""
      bytes.replaceSubrange(start..<end, with: piece.utf8)
    }
  }

  /// Puts another value behind one of the colons, so that what comes out is often still JSON.
  private mutating func replaceValue(_ bytes: inout [UInt8]) {
    let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
    guard let colon = colons.randomElement(using: &random) else { return }
    var end = colon + 1
    while end < bytes.count, !",}]".utf8.contains(bytes[end]) { end += 1 }
    let piece = Self.pieces.randomElement(using: &random) ?? ""
    bytes.replaceSubrange((colon + 1)..<end, with: piece.utf8)
  }

  /// What a message is owed.
  public enum Owed: Sendable {
    /// An answer with this `id`.
    case answer(JSON)
    /// An error without an `id`.
    case refusal
    /// Nothing.
    case silence
    /// It takes back another one, or is more than one.
    case other
  }

  /// What is owed to a message, as JSON-RPC 2.0 says.
  public static func owed(to message: [UInt8]) -> Owed {
    guard message.contains(where: { !" \t\r".utf8.contains($0) }) else { return .silence }
    guard let json = try? JSONReader.read(message) else { return .refusal }
    guard let object = json.objectValue, object["jsonrpc"] == "2.0",
      let method = object["method"]?.stringValue, method != "notifications/cancelled"
    else { return .other }
    switch object["id"] {
    case nil: return .silence
    case .string(let text): return .answer(.string(text))
    case .number(let number): return number.int64.map { .answer(.number(JSONNumber($0))) } ?? .other
    default: return .other
    }
  }

  /// Whether this is an answer of JSON-RPC 2.0: a result, or an error with a code that MCP has.
  public static func isAnswer(_ json: JSON) -> Bool {
    guard let object = json.objectValue, object["jsonrpc"] == "2.0", object["method"] == nil else {
      return false
    }
    switch object["id"] {
    case nil: guard object["error"] != nil else { return false }
    case .string, .number: break
    default: return false
    }
    guard let error = object["error"] else { return object["result"]?.objectValue != nil }
    let codes: [Int64] = [-32700, -32600, -32601, -32602, -32020, -32022]
    return object["result"] == nil && error["message"]?.stringValue?.isEmpty == false
      && codes.contains(error["code"]?.int64Value ?? 0)
  }
}
