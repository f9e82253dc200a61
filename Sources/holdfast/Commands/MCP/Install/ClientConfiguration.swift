import HoldfastJSON
import HoldfastModel

/// The configuration file of a client with the entry of this program in it.
struct ClientConfiguration {
  /// What it is to say.
  let after: [UInt8]

  /// Adds the entry, or changes our part of the one that is there; all else stays byte for byte.
  ///
  /// - Parameters:
  ///   - before: What the file says now; empty for none.
  ///   - entry: What is to stand in it.
  ///   - file: What messages call the file.
  /// - Throws: ``HoldfastError`` for a file that cannot be read as what it is.
  init(_ before: [UInt8], _ entry: ClientEntry, file: String) throws(HoldfastError) {
    let path = entry.client.path
    let document = try Self.document(before, of: entry.client, file: file)
    let there = path.reduce(document as JSON?) { $0?[$1] }
    if let there, there.objectValue == nil {
      throw HoldfastError(
        .usage,
        "\(file) is not what it should be: \(path.joined(separator: ".")) is no object; "
          + "repair it, and try again")
    }
    let wanted = entry.merged(into: there?.objectValue)
    guard there != .object(wanted) else {
      after = before
      return
    }
    let names = entry.foreignKeys
    let members = entry.members(over: there?.objectValue)
    do {
      if entry.client.isTOML {
        var text = TOMLText(before)
        text.merge(members, without: names, at: path, over: there?.objectValue)
        after = text.bytes
      } else {
        var text = JSONText(before)
        try text.merge(members, without: names, at: path)
        after = text.bytes
      }
    } catch {
      throw Self.refusal(file, error.reason)
    }
    // Whatever the file's layout is: what it says now must be what was wanted, and all else what it was.
    let result = try? Self.document(after, of: entry.client, file: file)
    guard result == Self.setting(.object(wanted), at: path[...], in: document) else {
      if entry.client.isTOML, there == nil, let table = path.first {
        throw HoldfastError(
          .conflict,
          "\(file) has \(table) written in one line (\(table) = { … }): write it as tables "
            + "([\(table).NAME]), and try again")
      }
      throw HoldfastError(
        .conflict,
        "\(file) says \(path.joined(separator: ".")) in a way that this program does not change: "
          + "take that entry out, and try again")
    }
  }

  /// The entry that is there; nil for none.
  ///
  /// - Throws: ``HoldfastError`` for a file that cannot be read as what it is.
  static func entry(
    in bytes: [UInt8], of client: MCPClient, file: String
  ) throws(HoldfastError) -> JSONObject? {
    let document = try document(bytes, of: client, file: file)
    return client.path.reduce(document as JSON?) { $0?[$1] }?.objectValue
  }

  /// What a configuration says.
  static func document(
    _ bytes: [UInt8], of client: MCPClient, file: String
  ) throws(HoldfastError) -> JSON {
    if client.isTOML {
      do {
        return .object(try TOML.read(bytes))
      } catch {
        throw HoldfastError(
          .usage,
          "\(file) cannot be read in line \(error.line): \(error.message); repair it, and try again"
        )
      }
    }
    let plain = JSONText.plain(bytes)
    if plain.allSatisfy({ " \t\r\n".utf8.contains($0) }) { return [:] }
    do {
      let document = try JSONReader.read(plain)
      guard document.objectValue != nil else { throw refusal(file, "it is no object") }
      return document
    } catch let error as JSONError {
      throw refusal(file, error.description)
    } catch let error as HoldfastError {
      throw error
    } catch {
      throw refusal(file, "\(error)")
    }
  }

  private static func setting(_ value: JSON, at path: ArraySlice<String>, in json: JSON) -> JSON {
    guard let name = path.first else { return value }
    var object = json.objectValue ?? JSONObject()
    object.set(name, setting(value, at: path.dropFirst(), in: object[name] ?? [:]))
    return .object(object)
  }

  private static func refusal(_ file: String, _ reason: String) -> HoldfastError {
    HoldfastError(
      .usage, "\(file) is not what it should be: \(reason); repair it, and try again")
  }
}
