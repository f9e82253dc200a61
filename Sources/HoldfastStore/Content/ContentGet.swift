public import HoldfastModel

/// Gives a task's text, to the byte.
public struct ContentGet: Query {
  public static let name = "content_get"
  public static let summary = "Gives a task's text."
  public static let access = Access.read

  public let project: ProjectName
  public let task: TaskFilename

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
  }

  public func run(in view: StoreView) throws -> TaskContent {
    let task = try view.task(task, in: project)
    return TaskContent(bytes: try view.content(of: task), revision: task.revision)
  }
}

/// A task's text.
public struct TaskContent: Output {
  public let bytes: [UInt8]
  public let revision: Int64?

  public static var placeholder: TaskContent { TaskContent(bytes: [], revision: nil) }

  public func write(_ out: inout ObjectWriter) {
    out.raw(
      "content", bytes, "The text; where it is not UTF-8, an object with its bytes in base64.")
  }
}
