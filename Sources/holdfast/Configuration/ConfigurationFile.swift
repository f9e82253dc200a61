import HoldfastJSON
import HoldfastModel

/// A configuration file that was read.
struct ConfigurationFile: Sendable {
  /// Its path.
  let path: String
  /// Its keys.
  let values: JSONObject
  private let bytes: [UInt8]

  /// Reads a file; nil when there is none.
  /// - Throws: ``HoldfastError`` with the file, line and column when it cannot be read.
  init?(optional path: String) throws(HoldfastError) {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.bytes(of: path, upTo: TOML.bytesMax)
    } catch {
      if error.isMissing { return nil }
      throw error.asHoldfastError("the configuration \(path)")
    }
    try self.init(path: path, bytes: bytes)
  }

  /// Reads a file that must be there.
  init(path: String) throws(HoldfastError) {
    guard let file = try ConfigurationFile(optional: path) else {
      throw HoldfastError(.notFound, "there is no configuration \(path)")
    }
    self = file
  }

  private init(path: String, bytes: [UInt8]) throws(HoldfastError) {
    self.path = path
    self.bytes = bytes
    do {
      values = try TOML.read(bytes)
    } catch {
      throw HoldfastError(
        .invalidRequest, "\(path):\(error.line):\(error.column): \(error.message)")
    }
  }

  /// The file with the line and column of a key, as messages name it.
  func place(of key: [String]) -> String {
    TOML.position(of: key, in: bytes).map { "\(path):\($0.line):\($0.column)" } ?? path
  }
}
