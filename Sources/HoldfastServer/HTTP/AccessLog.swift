internal import Glibc
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// Writes one line for each request, when it is on.
///
/// It names the target's path; never a body, a query or a header. What is not known, because the
/// request or its answer broke off, is `-`, or null in JSON.
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
    let hasBegun = exchange.stage != .new
    let id = hasBegun ? exchange.requestID : nil
    let method = hasBegun ? exchange.method.rawValue : nil
    let path = Self.path(exchange.target)
    let status = exchange.status.map { JSONNumber(Int64($0)) }
    let milliseconds = JSONNumber(Double(nanoseconds / 1000) / 1000)
    guard form == .json else {
      let words = [id, method, path, status?.text].map { $0 ?? "-" }.joined(separator: " ")
      return write("\(at) \(words) \(milliseconds.text)ms")
    }
    let line: JSON = [
      "at": .string(at), "request_id": id.map { .string($0) } ?? .null,
      "method": method.map { .string($0) } ?? .null, "path": path.map { .string($0) } ?? .null,
      "status": status.map { .number($0) } ?? .null, "milliseconds": .number(milliseconds),
    ]
    write(line.renderedText())
  }

  /// An error that the client was told nothing about.
  func failure(_ error: any Error, _ exchange: Exchange) {
    failure(error, "request_id", exchange.requestID)
  }

  /// An error of work that no client asked for.
  func failure(_ error: any Error, of work: String) { failure(error, "work", work) }

  private func failure(_ error: any Error, _ key: String, _ place: String) {
    let words = String(reflecting: error)
    guard form == .json else {
      write("error \(place) \(words)")
      return
    }
    let line: JSON = [
      "at": .string(Timestamp(nanoseconds: wallNanoseconds()).description),
      key: .string(place), "error": .string(words),
    ]
    write(line.renderedText())
  }

  private func write(_ line: String) { write(Array((line + "\n").utf8)) }

  /// The path of a target, with everything that is not visible ASCII percent-encoded: nothing that a
  /// client sends can end a line or steer a terminal.
  private static func path(_ target: [UInt8]) -> String? {
    RequestTarget.path(of: target).map {
      PercentEncoding.text($0) { (0x21...0x7e).contains($0) }
    }
  }
}
