internal import HoldfastModel
internal import HoldfastStore

/// Reads the signal files of old agents, which stay where they are.
///
/// The folder is `.kasmos/signals`, with `staging`, `processing` and `failed` in it.
enum SignalFolder {
  private static let folders: [(name: String, status: SignalStatus)] = [
    ("", .pending), ("staging", .pending), ("processing", .processing), ("failed", .failed),
  ]

  /// A payload is a few lines; this bounds a wrong file.
  private static let bytesMax: Int64 = 1024 * 1024

  /// Whether this is a folder of signals: one of its three folders is there, or a signal.
  static func isOne(_ path: String) -> Bool {
    guard FileReading.isFolder(path) else { return false }
    if folders.contains(where: { !$0.name.isEmpty && FileReading.isFolder("\(path)/\($0.name)") }) {
      return true
    }
    return FileReading.names(in: path).contains { SentinelFile.parse(name: $0) != nil }
  }

  static func plan(path: String, project: ProjectName?) throws -> ImportPlan {
    guard let project else {
      throw HoldfastError(.usage, "signal files do not name their project: name one for the import")
    }
    guard FileReading.isFolder(path) else {
      throw HoldfastError(.notFound, "there is no folder \(path)")
    }
    var plan = ImportPlan()
    var imported = ImportedProject(name: project)
    for (name, status) in folders {
      let folder = name.isEmpty ? path : "\(path)/\(name)"
      for file in FileReading.names(in: folder) {
        if let signal = signal(file, in: folder, status, &plan.notes) {
          imported.signals.append(signal)
        }
      }
    }
    imported.signals.sort { $0.createdAt < $1.createdAt }
    plan.projects = [imported]
    return plan
  }

  private static func signal(
    _ name: String, in folder: String, _ status: SignalStatus, _ notes: inout ImportNotes
  ) -> Signal? {
    let path = "\(folder)/\(name)"
    if FileReading.isFolder(path) || name.hasSuffix(".reason") || name.hasPrefix(".") { return nil }
    let what = "signal file \(name.legible)"
    guard let sentinel = SentinelFile.parse(name: name) else {
      notes.add("\(what) was left out: its name says no known signal")
      return nil
    }
    guard let time = FileReading.changeTime(path) else {
      notes.add("\(what) was left out: it is no regular file")
      return nil
    }
    let payload: String
    if let known = sentinel.payload {
      payload = known
    } else {
      guard let bytes = try? FileReading.all(path, max: bytesMax) else {
        notes.add("\(what) was left out: it cannot be read, or is larger than 1 MiB")
        return nil
      }
      payload = text(bytes, what, &notes)
    }
    var signal = Signal(
      project: 0, task: nil, planFile: sentinel.plan.text, type: sentinel.type.rawValue,
      payload: payload, createdAt: time)
    if status == .failed {
      let reason = (try? FileReading.all(path + ".reason", max: bytesMax)) ?? []
      signal.result = text(reason, "the reason of \(what)", &notes).trimmed
      signal.processedAt = FileReading.changeTime(path + ".reason") ?? time
    }
    ImportedSignal.settle(&signal, status: status.rawValue, what, &notes)
    return signal
  }

  private static func text(_ bytes: [UInt8], _ what: String, _ notes: inout ImportNotes) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) { return text }
    notes.add("\(what) was not clean UTF-8; what was not became U+FFFD")
    return String(decoding: bytes, as: UTF8.self).replacing("\u{0}", with: "\u{FFFD}")
  }
}
