/// The status line and the headers of an answer.
struct HTTPHead {
  /// The bytes of the head, with the empty line at its end.
  let count: Int
  let status: Int
  let body: Body
  /// Whether the server closes the connection behind the answer.
  let closes: Bool

  /// What follows.
  enum Body: Equatable {
    case bytes(Int)
    case chunks
  }

  /// Longer heads and bodies are none of our server.
  private static let bytesMax = 65_536
  private static let bodyBytesMax = 1 << 40

  /// - Returns: nil while the head has not come in whole.
  /// - Throws: ``HTTPTransportError`` for what is no answer of our server.
  init?(_ bytes: [UInt8]) throws(HTTPTransportError) {
    guard let count = Self.end(of: bytes) else {
      if bytes.count > Self.bytesMax { throw Self.foreign("its head has no end") }
      return nil
    }
    self.count = count
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw Self.foreign("it does not begin as HTTP does")
    }
    var length: Int?
    var isChunked = false
    var closes = words[0] == "HTTP/1.0"
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = parts[1].drop { $0 == " " }
      switch parts[0].lowercased() {
      case "content-length": length = Int(value)
      case "transfer-encoding": isChunked = value.lowercased() == "chunked"
      case "connection": closes = value.lowercased() == "close"
      default: break
      }
    }
    if isChunked {
      body = .chunks
    } else if let length = status == 204 ? 0 : length, 0...Self.bodyBytesMax ~= length {
      body = .bytes(length)
    } else {
      throw Self.foreign("it has no fit Content-Length")
    }
    self.status = status
    self.closes = closes
  }

  private static func foreign(_ reason: String) -> HTTPTransportError {
    HTTPTransportError(
      message: "the answer is not of a Holdfast server: \(reason)", isBeforeSending: false)
  }

  private static func end(of bytes: [UInt8]) -> Int? {
    var index = 3
    while index < bytes.count {
      if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13
      {
        return index + 1
      }
      index += 1
    }
    return nil
  }
}
