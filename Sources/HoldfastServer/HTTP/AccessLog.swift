internal import Glibc
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// Writes one line for each answer, when it is on.
///
/// It names the target's path; never a body, a query or a header.
public struct AccessLog: Sendable {
  /// The form of the lines.
  public enum Form: String, Sendable, CaseIterable {
    case off
    case text
    case json
  }

  let form: Form
  private let write: @Sendable (_ line: [UInt8]) -> Void

  /// A log.
  ///
  /// - Parameters:
  ///   - form: The form of its lines; `off` leaves out all but the server's own errors.
  ///   - write: Takes a line with its newline, on any thread; standard error when left out.
  public init(form: Form, write: (@Sendable (_ line: [UInt8]) -> Void)? = nil) {
    self.form = form
    self.write =
      write ?? { line in
        // One call, so that lines of two threads do not mix.
        _ = Glibc.write(STDERR_FILENO, line, line.count)
      }
  }

  func answered(_ exchange: Exchange, nanoseconds: UInt64) {
    guard form != .off else { return }
    let at = Timestamp(nanoseconds: wallNanoseconds()).description
    let path = Self.path(exchange.target)
    let milliseconds = JSONNumber(Double(nanoseconds / 1000) / 1000)
    let line: JSON = [
      "at": .string(at), "request_id": .string(exchange.requestID),
      "method": .string(exchange.method.rawValue), "path": .string(path),
      "status": .number(JSONNumber(Int64(exchange.status))),
      "milliseconds": .number(milliseconds),
    ]
    write(
      form == .json
        ? line.renderedText()
        : "\(at) \(exchange.requestID) \(exchange.method.rawValue) \(path) "
          + "\(exchange.status) \(milliseconds.text)ms")
  }

  /// An error that the client was told nothing about.
  func failure(_ error: any Error, _ exchange: Exchange) {
    let words = String(reflecting: error)
    guard form == .json else {
      write("error \(exchange.requestID) \(words)")
      return
    }
    let line: JSON = [
      "at": .string(Timestamp(nanoseconds: wallNanoseconds()).description),
      "request_id": .string(exchange.requestID), "error": .string(words),
    ]
    write(line.renderedText())
  }

  private func write(_ line: String) { write(Array((line + "\n").utf8)) }

  /// The path of a target, with everything that is not visible ASCII percent-encoded: nothing that a
  /// client sends can end a line or steer a terminal.
  private static func path(_ target: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var path: [UInt8] = []
    for byte in target.prefix(while: { $0 != UInt8(ascii: "?") }) {
      if (0x21...0x7e).contains(byte) {
        path.append(byte)
      } else {
        path += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: path, as: UTF8.self)
  }
}
