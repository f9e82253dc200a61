import HoldfastJSON
import HoldfastModel

/// Changes of files that are shown and agreed to before anything is written.
struct SetupPlan {
  /// A change of one file.
  struct Change {
    let file: SetupFile
    /// What it is to say; nil when it is to go.
    let after: [UInt8]?
    /// What of ours comes into it or goes.
    let part: OwnPart
    /// The folders around it that go with it when they are empty.
    var folders = 0
    /// Whether what it says now is restored by `--undo`.
    var isRecorded = true

    fileprivate var difference: [String] {
      Difference.lines(from: file.bytes, to: after, of: file.path)
    }
  }

  private let changes: [Change]
  private let notes: [String]

  /// - Parameters:
  ///   - changes: The changes; those that change nothing are left out.
  ///   - notes: What else there is to know.
  init(_ changes: [Change], notes: [String] = []) {
    self.changes = changes.filter { $0.after != $0.file.bytes }
    self.notes = notes
  }

  /// The option that agrees to all changes.
  static let yesOption = Option.flag("yes", "Writes without asking.")

  /// Shows the changes, asks, and makes them.
  ///
  /// - Parameters:
  ///   - unchanged: What is said when there is nothing to do.
  ///   - before: Runs once the changes are agreed to, before the first is made.
  /// - Returns: The exit code.
  /// - Throws: ``HoldfastError`` when nobody agrees, or when a file cannot be written.
  func carryOut(
    _ invocation: Invocation, unchanged: String, before: () throws -> Void = {}
  ) throws -> Int32 {
    let output = invocation.output
    if !output.isJSON {
      for change in changes { for line in change.difference { output.line(line) } }
      for note in notes { output.note(note) }
    }
    if !changes.isEmpty {
      try confirm(invocation)
      try before()
      let records = UndoRecords(invocation.environment)
      for change in changes { try make(change, records) }
    }
    output.show([
      "changed": .bool(!changes.isEmpty),
      "files": .array(
        changes.map { change in
          [
            "file": .string(change.file.path),
            "difference": .array(change.difference.map { .string($0) }),
          ]
        }), "notes": .array(notes.map { .string($0) }),
    ]) {
      if changes.isEmpty { output.line(unchanged) }
      for change in changes {
        output.line("\(change.after == nil ? "deleted" : "written"): \(change.file.path)")
      }
    }
    return 0
  }

  private func confirm(_ invocation: Invocation) throws {
    guard !invocation.flag("yes") else { return }
    let files = changes.count.of("file")
    if invocation.terminal.isInput, invocation.terminal.isError, !invocation.output.isJSON {
      invocation.output.errorText("Write \(files)? [y/N] ")
      let answer = invocation.input.line()?.trimmingSpaces.lowercased() ?? ""
      guard !["y", "yes"].contains(answer) else { return }
      throw HoldfastError(.notAllowed, "nothing was written")
    }
    let names = changes.map(\.file.path).joined(separator: ", ")
    throw HoldfastError(
      .usage, "nothing was written: \(files) would change (\(names)); pass --yes to write",
      details: [("difference", .array(changes.flatMap(\.difference).map { .string($0) }))])
  }

  private func make(_ change: Change, _ records: UndoRecords) throws {
    if let after = change.after {
      try change.file.write(after)
      if change.isRecorded { records.note(change.file, after: after, change.part) }
    } else {
      try change.file.remove(withFolders: change.folders)
    }
    if !change.isRecorded { records.forget(change.file) }
  }
}
