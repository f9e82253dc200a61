import HoldfastJSON
import HoldfastModel

/// The line of a repository's configuration that names its project.
enum ProjectLine {
  private static let key = "project"
  /// Behind the line, so that it is known again.
  private static let mark = "# by holdfast init"

  /// The configuration with the project in its first line, before any table.
  ///
  /// - Throws: ``HoldfastError`` when it names another project, or cannot be read.
  static func put(_ project: ProjectName, into file: SetupFile) throws(HoldfastError) -> [UInt8] {
    let bytes = file.bytes ?? []
    if let there = try document(file)[key] {
      guard there == .string(project.text) else {
        throw HoldfastError(
          .conflict,
          "\(file.path) names the project \(there.renderedText()), and not \"\(project)\": change "
            + "it there, or leave out --project")
      }
      return bytes
    }
    let newline = bytes.contains(0x0D) ? "\r\n" : "\n"
    let line = "\(key) = \(JSON.string(project.text).renderedText())  \(mark)\(newline)"
    return Array(line.utf8) + bytes
  }

  /// The configuration without that line; nil when nothing is left of it.
  static func takenOut(of bytes: [UInt8]) -> [UInt8]? {
    let end = bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    let line = String(decoding: bytes[..<end], as: UTF8.self).trimmingSpaces
    guard line.hasPrefix(key), line.hasSuffix(mark) else { return bytes }
    let rest = Array(bytes[end...])
    return rest.isEmpty ? nil : rest
  }

  private static func document(_ file: SetupFile) throws(HoldfastError) -> JSONObject {
    do {
      return try TOML.read(file.bytes ?? [])
    } catch {
      throw HoldfastError(
        .usage, "\(file.path):\(error.line):\(error.column): \(error.message)")
    }
  }
}
