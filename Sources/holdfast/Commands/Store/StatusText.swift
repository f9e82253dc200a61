import HoldfastJSON

/// The report of `status` for people.
enum StatusText {
  static func print(_ report: JSON, to output: Console) {
    output.line("store     \(report.text("store")) (\(report.text("engine")))")
    output.line(
      report["database_bytes"] == nil
        ? "size      \(amount(report, "file_bytes")) and \(amount(report, "wal_bytes")) of log"
        : "size      \(amount(report, "database_bytes"))")
    output.line("projects  \(report["projects"]?.int64Value ?? 0)")
    output.line("tasks     \(counts(report["tasks"]))")
    output.line("signals   \(counts(report["signals"]))")
    output.line("events    \(report["events"]?.int64Value ?? 0)")
    guard let space = report["space"]?.arrayValue, !space.isEmpty else { return }
    output.line(
      "texts     \(amount(report, "text_bytes")), earlier ones \(amount(report, "history_text_bytes"))"
    )
    output.line()
    var table = TextTable([.init("what takes the space"), .init("bytes", isRight: true)])
    // What is under a twentieth of all is summed up: a small store has 30 parts of one page.
    let all = space.reduce(0) { $0 + bytes($1, "bytes") }
    let small = space.filter { bytes($0, "bytes") * 20 < all }
    for use in space where bytes(use, "bytes") * 20 >= all {
      let words = use.text("what").isEmpty ? use.text("name") : use.text("what")
      table.add([words, amount(use, "bytes")])
    }
    if !small.isEmpty {
      let sum = small.reduce(0) { $0 + bytes($1, "bytes") }
      table.add(["\(small.count) small tables and indexes", ByteAmount.text(sum)])
    }
    if bytes(report, "free_bytes") > 0 {
      table.add(["room for later writes", amount(report, "free_bytes")])
    }
    output.table(table)
  }

  private static func bytes(_ report: JSON, _ key: String) -> Int {
    Int(report[key]?.int64Value ?? 0)
  }

  private static func amount(_ report: JSON, _ key: String) -> String {
    ByteAmount.text(bytes(report, key))
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
    let agents = report["agents"]?.int64Value ?? 0
    if agents > 0 { output.line(agents.of("agent")) }
    if projects.isEmpty, agents == 0 { output.line("nothing to import") }
    for project in projects {
      let parts = (project.objectValue?.members ?? []).compactMap { member -> String? in
        let isAdded = !member.key.hasSuffix("_present")
        guard isAdded, let count = member.value.int64Value, count > 0 else { return nil }
        let noun = String(member.key.map { $0 == "_" ? " " : $0 })
        return count == 1 ? "1 \(singular(noun))" : "\(count) \(noun)"
      }
      let words = parts.isEmpty ? "nothing new" : parts.joined(separator: ", ")
      output.line("\(project.text("project")): \(words)")
    }
    for note in report["notes"]?.arrayValue ?? [] { output.note(note.stringValue ?? "") }
    let more = report["notes_left_out"]?.int64Value ?? 0
    if more > 0 { output.note("and \(more) more") }
    let leftOut = report["tasks_left_out"]?.int64Value ?? 0
    if leftOut > 0 { output.note("\(leftOut.of("task")) left out") }
  }

  /// One of what a key of the report counts, as `1 dependency`.
  private static func singular(_ noun: String) -> String {
    let words = noun.split(separator: " ").map(String.init)
    // In `tasks replaced` and `output parts` another word carries the plural.
    return words.map { word in
      if word.hasSuffix("ies") { return word.dropLast(3) + "y" }
      if word.hasSuffix("ses") { return String(word.dropLast(2)) }
      return word.hasSuffix("s") ? String(word.dropLast()) : word
    }.joined(separator: " ")
  }
}
