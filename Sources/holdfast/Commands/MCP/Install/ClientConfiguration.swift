import HoldfastJSON
import HoldfastModel

/// The configuration file of a client with the entry of this program in it.
struct ClientConfiguration {
  /// What the file says now; empty for none.
  let before: [UInt8]
  /// What it is to say.
  let after: [UInt8]

  var isUnchanged: Bool { before == after }

  /// Adds the entry, or changes the one that is there; all else stays byte for byte.
  ///
  /// - Throws: ``HoldfastError`` for a file that cannot be read as what it is.
  init(
    _ before: [UInt8], of client: MCPClient, _ transport: MCPClient.Transport, file: String
  ) throws(HoldfastError) {
    self.before = before
    let entry = client.entry(transport)
    if client.isTOML {
      after = try Self.toml(before, client.path, entry, file: file)
      return
    }
    do {
      var text = JSONText(before)
      if try text.value(at: client.path) == entry {
        after = before
      } else {
        try text.set(entry, at: client.path)
        after = text.bytes
      }
    } catch {
      throw HoldfastError(
        .usage, "\(file) is not what it should be: \(error.reason); repair it, and try again")
    }
  }

  /// A table behind all others, because what stands before it cannot be changed by that.
  private static func toml(
    _ before: [UInt8], _ path: [String], _ entry: JSON, file: String
  ) throws(HoldfastError) -> [UInt8] {
    let table = path.joined(separator: ".")
    if let there = path.reduce(
      JSON.object(try document(before, file)) as JSON?, { $0?[$1] })
    {
      if there == entry { return before }
      throw HoldfastError(
        .conflict, "\(file) has another [\(table)]: take that table out, and try again")
    }
    var text = before.isEmpty || before.last == 0x0A ? "" : "\n"
    if !before.isEmpty { text += "\n" }
    text += "[\(table)]\n"
    for member in entry.objectValue?.members ?? [] {
      text += "\(member.key) = \(member.value.renderedText())\n"
    }
    let after = before + Array(text.utf8)
    // What is written in another way than as tables may not be added to.
    _ = try document(after, file)
    return after
  }

  private static func document(_ bytes: [UInt8], _ file: String) throws(HoldfastError) -> JSONObject
  {
    do {
      return try TOML.read(bytes)
    } catch {
      throw HoldfastError(
        .usage,
        "\(file) cannot be read in line \(error.line): \(error.message); repair it, and try again")
    }
  }

  /// The lines that come and go, as `diff` writes them, with two lines around them.
  var difference: [String] {
    let old = Self.lines(before)
    let new = Self.lines(after)
    let same = zip(old, new).prefix { $0 == $1 }.count
    let room = min(old.count, new.count) - same
    let end = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(room).count
    return old[max(0, same - 2)..<same].map { "  " + $0 }
      + old[same..<(old.count - end)].map { "- " + $0 }
      + new[same..<(new.count - end)].map { "+ " + $0 }
      + new[(new.count - end)...].prefix(2).map { "  " + $0 }
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    var lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines
  }
}
