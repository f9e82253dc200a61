private import CTOML
import HoldfastJSON
import HoldfastModel

/// Reads TOML 1.0.
enum TOML {
  /// Why a document was not read.
  struct Failure: Error, Equatable {
    /// The line, counted from 1.
    let line: Int
    /// The column, counted from 1.
    let column: Int
    /// What is wrong.
    let message: String
  }

  /// The most bytes that a document may have.
  static let bytesMax = 1 << 20

  /// Reads a document: dates and times become strings, as do the numbers that JSON lacks.
  static func read(_ bytes: [UInt8]) throws(Failure) -> JSONObject {
    var failure: UnsafeMutablePointer<CChar>?
    let text = withText(bytes) { holdfast_toml_to_json($0, $1, &failure) }
    defer {
      holdfast_toml_free(text)
      holdfast_toml_free(failure)
    }
    guard let text else {
      throw Failure(failure.map { String(cString: $0) } ?? "1:1: out of memory")
    }
    do {
      guard case .object(let object) = try JSONReader.read(Array(String(cString: text).utf8)) else {
        throw Failure("1:1: the document is not a table")
      }
      return object
    } catch let error as Failure {
      throw error
    } catch {
      throw Failure("1:1: \(error)")
    }
  }

  /// Finds where a key stands in a document that was read.
  /// - Parameters:
  ///   - path: The tables on the way and the key itself.
  ///   - bytes: The document.
  /// - Returns: The line and the column, counted from 1.
  static func position(of path: [String], in bytes: [UInt8]) -> (line: Int, column: Int)? {
    let keys = path.map { Array($0.utf8CString) }
    var line: UInt32 = 0
    var column: UInt32 = 0
    let isFound = withPointers(to: keys[...]) { pointers in
      withText(bytes) { holdfast_toml_locate($0, $1, pointers, pointers.count, &line, &column) }
    }
    return isFound ? (Int(line), Int(column)) : nil
  }

  private static func withText<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>, Int) -> Result
  ) -> Result {
    // A NUL at the end, so that an empty document has an address, too.
    (bytes + [0]).withUnsafeBytes { buffer in
      buffer.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else {
          preconditionFailure("a buffer that is not empty has an address")
        }
        return body(start, bytes.count)
      }
    }
  }

  private static func withPointers<Result>(
    to texts: ArraySlice<[CChar]>, _ pointers: [UnsafePointer<CChar>?] = [],
    _ body: ([UnsafePointer<CChar>?]) -> Result
  ) -> Result {
    guard let first = texts.first else { return body(pointers) }
    return first.withUnsafeBufferPointer {
      withPointers(to: texts.dropFirst(), pointers + [$0.baseAddress], body)
    }
  }
}

extension TOML.Failure {
  /// Reads "LINE:COLUMN: what is wrong".
  fileprivate init(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 2)
    line = parts.first.flatMap { Int($0) } ?? 1
    column = parts.dropFirst().first.flatMap { Int($0) } ?? 1
    message = parts.last.map { $0.trimmingSpaces } ?? text
  }
}
