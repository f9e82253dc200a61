public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Gives a task another name; what belongs to it moves along, and the old name is free.
public struct TaskRename: Mutation {
  public static let name = "task_rename"
  public static let summary =
    "Renames a task; its subtasks, reviews, signals and history move along."
  public static let access = Access.write

  public let target: TaskTarget
  /// The name as it will be stored.
  public let newFilename: TaskFilename

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    let text = try fields.text(
      "new_filename", "The new name; it becomes a slug of a-z, 0-9 and \"-\".")
    let isVerbatim = try fields.value(
      "verbatim", "Whether the new name is kept as given, but for a trailing .md.", default: false)
    newFilename = try Self.filename(text, isVerbatim: isVerbatim)
  }

  private static func filename(
    _ text: String, isVerbatim: Bool
  ) throws(HoldfastError) -> TaskFilename {
    let name = TaskFilename.normalised(text)
    guard !text.trimmed.isEmpty, !name.isEmpty || !isVerbatim else {
      throw HoldfastError(.invalidField, "new_filename must not be empty")
    }
    guard !isVerbatim else { return try TaskFilename(text) }
    let slug = Slug.reslug(name)
    guard !slug.isEmpty else {
      throw HoldfastError(
        .conflict,
        "\(text.quoted) has no letter or digit that a filename keeps: choose another name, "
          + "or pass verbatim to keep it as it is")
    }
    return try TaskFilename(slug)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    guard newFilename != task.filename else { return .done(try changes.answer(task)) }
    try changes.checkNameIsFree(newFilename, in: task.project)
    let note = EventNote(
      "task \(task.filename) renamed to \(newFilename)",
      detail: JSONObject([
        ("from", .string(task.filename.text)), ("to", .string(newFilename.text)),
      ]))
    let renamed = try changes.change(task, as: .taskRenamed, note: note) { entry, event in
      entry.filename = newFilename
      try changes.moveSignals(of: task, to: newFilename, event)
    }
    return .done(try changes.answer(renamed))
  }
}

extension Changes {
  /// Refuses a name that a task of the project has already.
  func checkNameIsFree(_ filename: TaskFilename, in project: Int64) throws {
    guard try findTask(named: filename, in: project) != nil else { return }
    throw HoldfastError(.alreadyExists, "a plan named \"\(filename)\" already exists")
  }
}
