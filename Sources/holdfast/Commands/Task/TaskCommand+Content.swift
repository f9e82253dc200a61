private import CSystem
private import Glibc
import HoldfastClient
import HoldfastJSON
import HoldfastModel

extension TaskCommand {
  /// The most bytes of a task's text.
  private static let contentMax = 16 << 20

  static let updateContent = Command(
    "update-content", summary: "Replaces a task's text from a file or the standard input.",
    examples: [
      Example("holdfast task update-content fix-login < plan.md", "Reads the text from a file.")
    ],
    options: [.text("file", "path", "The file; the standard input otherwise.", hint: .file)],
    arguments: [.required("name", "The task's filename or id.", hint: CompleteCommand.tasks)]
  ) { invocation in
    let content: [UInt8]
    if let path = invocation.text("file") {
      content = try FileBytes.read(path, upTo: contentMax)
    } else {
      guard !invocation.terminal.isInput else {
        throw HoldfastError(.usage, "pass --file, or the text through the standard input")
      }
      content = try invocation.input.readAll(upTo: contentMax)
    }
    return try Session.run(invocation) { session in
      let name = invocation.argument("name")
      let answer = try session.runInProject(
        "content_set", [("task", .string(name))],
        attachment: .init(field: "content", bytes: content))
      invocation.output.showWarnings(of: answer)
      invocation.output.show(answer) {
        invocation.output.line("updated content for \(answer.text("filename"))")
      }
      return 0
    }
  }

  static let register = Command(
    "register", summary: "Makes a task of a Markdown file.",
    discussion: """
      The task's name is the file's, its description the first heading, its creation time the \
      file's, and its branch plan/<name> unless named.
      """,
    options: [
      .text("branch", "name", "The git branch of the work.", defaultNote: "plan/<name>"),
      .text("topic", "name", "The topic it belongs to.", hint: CompleteCommand.topics),
      .text("description", "text", "What it is about.", defaultNote: "the first heading"),
    ],
    arguments: [.required("file", "The Markdown file.", hint: .file)]
  ) { invocation in
    let path = invocation.argument("file")
    let content = try FileBytes.read(path, upTo: contentMax)
    let filename = try TaskFilename(Path.name(of: path))
    let plan = PlanDocument(parsing: content)
    try plan.check()
    return try Session.run(invocation) { session in
      var fields: [(String, JSON)] = [
        ("filename", .string(filename.text)),
        ("branch", .string(invocation.text("branch") ?? Slug.planBranch(of: filename.text))),
        ("description", .string(invocation.text("description") ?? plan.firstHeading ?? "")),
        ("created_at", .string(modificationTime(of: path).description)),
      ]
      if let topic = invocation.text("topic") { fields.append(("topic", .string(topic))) }
      try session.recordProject()
      let task = try session.runInProject(
        "task_create", fields, attachment: .init(field: "content", bytes: content))
      invocation.output.show(task) {
        invocation.output.line("registered: \(task.text("filename")) → \(task.text("status"))")
      }
      return 0
    }
  }

  private static func modificationTime(of path: String) -> Timestamp {
    var status = stat()
    guard stat(path, &status) == 0 else { return Timestamp(nanoseconds: 0) }
    return Timestamp(
      nanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }

  static let recover = Command(
    "recover", summary: "Queues the signal that brings a stuck task on.",
    options: [
      .choice(
        "action", "action", RecoverAction.allCases.map(\.rawValue), "What is to be done.",
        required: true),
      .text("feedback", "text", "What a review asked for."),
    ],
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = invocation.requiredText("action")
      guard let action = RecoverAction(rawValue: name) else {
        throw HoldfastError(.usage, "there is no action \(name)")
      }
      let plan = try session.task(invocation.argument("file")).text("filename")
      var fields: [(String, JSON)] = [
        ("signal_type", .string(action.signal.rawValue)), ("plan_file", .string(plan)),
      ]
      if let feedback = invocation.text("feedback") {
        fields.append(("payload", .string(feedback)))
      }
      let signal = try session.runInProject("signal_create", fields)
      invocation.output.show(signal) {
        invocation.output.line(
          "recovery queued: action=\(name) signal=\(action.signal.rawValue) plan=\(plan)")
      }
      return 0
    }
  }
}

/// What `task recover` can do, and the signal that does it.
private enum RecoverAction: String, CaseIterable {
  case plannerFinished = "planner-finished"
  case architectFinished = "architect-finished"
  case implementFinished = "implement-finished"
  case reviewApproved = "review-approved"
  case reviewChanges = "review-changes"
  case advanceReviewCycle = "advance-review-cycle"
  case verifyApproved = "verify-approved"
  case verifyFailed = "verify-failed"
  case advanceWave = "advance-wave"
  case retryWave = "retry-wave"

  var signal: SignalType {
    switch self {
    case .plannerFinished: .plannerFinished
    case .architectFinished: .elaboratorFinished
    case .implementFinished: .implementFinished
    case .reviewApproved: .reviewApproved
    // A processed request for changes raises the review cycle.
    case .reviewChanges, .advanceReviewCycle: .reviewChangesRequested
    case .verifyApproved: .verifyApproved
    case .verifyFailed: .verifyFailed
    case .advanceWave: .advanceWave
    case .retryWave: .retryWave
    }
  }
}
