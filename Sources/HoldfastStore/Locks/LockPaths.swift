internal import CSodium
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// A set of files, as statements and positions take it.
public struct LockPaths: Sendable {
  /// Each file once, in the order of bytes.
  let paths: [LockPath]
  /// The files as a JSON list.
  let json: SQLValue

  /// The most files of one call.
  static let countMax = 10_000

  init(_ paths: [LockPath]) {
    self.paths = Set(paths).sorted()
    var json = JSONWriter(reserving: self.paths.count * 48)
    json.beginArray()
    for path in self.paths { json.string(path.text) }
    json.endArray()
    self.json = .text(String(decoding: json.bytes, as: UTF8.self))
  }

  /// The set as a short text, the same for the same files; empty for no filter.
  var filter: String {
    guard case .text(let text) = json, !paths.isEmpty else { return "" }
    var hash = [UInt8](repeating: 0, count: 16)
    let bytes = Array(text.utf8)
    crypto_generichash(&hash, hash.count, bytes, UInt64(bytes.count), nil, 0)
    return Base64.encode(hash)
  }

  /// Refuses more files than one call may name.
  static func check(_ paths: [LockPath]?, _ field: String) throws(HoldfastError) {
    guard let paths, paths.count > countMax else { return }
    throw FieldPosition(field).mustBe("at most \(countMax) paths, not \(paths.count)")
  }
}
