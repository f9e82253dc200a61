import HoldfastJSON

/// The report of `status` for people.
enum StatusText {
  static func print(_ report: JSON, to output: Console) {
    output.line("store     \(report.text("store")) (\(report.text("engine")))")
    let file = Int(report["file_bytes"]?.int64Value ?? 0)
    let log = Int(report["wal_bytes"]?.int64Value ?? 0)
    output.line("size      \(ByteAmount.text(file)) and \(ByteAmount.text(log)) of log")
    output.line("projects  \(report["projects"]?.int64Value ?? 0)")
    output.line("tasks     \(counts(report["tasks"]))")
    output.line("signals   \(counts(report["signals"]))")
    output.line("events    \(report["events"]?.int64Value ?? 0)")
    let space = report["space"]?.arrayValue ?? []
    guard !space.isEmpty else { return }
    output.line()
    var table = TextTable([.init("what takes the space"), .init("bytes", isRight: true)])
    for use in space {
      let words = use.text("what").isEmpty ? use.text("name") : use.text("what")
      table.add([words, ByteAmount.text(Int(use["bytes"]?.int64Value ?? 0))])
    }
    output.table(table)
  }

  private static func counts(_ list: JSON?) -> String {
    let parts = (list?.arrayValue ?? []).map {
      "\($0["count"]?.int64Value ?? 0) \($0.text("status"))"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}

/// The report of `import` for people.
enum ImportText {
  static func print(_ report: JSON, to output: Console) {
    let projects = report["projects"]?.arrayValue ?? []
    if projects.isEmpty { output.line("nothing to import") }
    for project in projects {
      let parts = (project.objectValue?.members ?? []).compactMap { member -> String? in
        let isAdded = !member.key.hasSuffix("_present")
        guard isAdded, let count = member.value.int64Value, count > 0 else { return nil }
        return "\(count) \(String(member.key.map { $0 == "_" ? " " : $0 }))"
      }
      let words = parts.isEmpty ? "nothing new" : parts.joined(separator: ", ")
      output.line("\(project.text("project")): \(words)")
    }
    for note in report["notes"]?.arrayValue ?? [] { output.note(note.stringValue ?? "") }
  }
}
