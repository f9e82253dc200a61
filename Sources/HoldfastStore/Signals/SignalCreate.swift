public import HoldfastDatabase
public import HoldfastModel

/// Creates a signal, which waits for a worker.
public struct SignalCreate: Mutation {
  public static let name = "signal_create"
  public static let summary = "Creates a signal, which then waits for a worker to claim it."
  public static let access = Access.write

  public let project: ProjectName
  /// The task it is about; nil for none.
  public let planFile: TaskFilename?
  public let type: SignalType
  public let payload: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    type = try fields.required("signal_type", "What the signal says; - equals _.")
    planFile = try TaskFilename(
      unlessEmpty: try fields.value(
        "plan_file", "The filename or id of the task it is about.", default: ""))
    payload = try fields.value("payload", "More, as JSON text or plain text.", default: "")
  }

  /// The payload in its stored form.
  public func prepare() throws -> String {
    try SignalPayload.canonical(for: type, text: payload)
  }

  public func run(_ payload: String, in changes: Changes) throws -> WriteVerdict<SignalAnswer> {
    let key = try changes.projectKeyForWriting(project)
    try changes.together(
      { if let planFile { _ = try changes.findTask(named: planFile, in: key) } },
      { _ = try changes.names(of: key) },
      { try changes.memory.foreseeKey(of: Signal.table, in: changes.transaction) })
    let subject = try planFile.map { try changes.subject($0, in: key) } ?? (key: nil, name: "")
    let signal = Signal(
      project: key, task: subject.key, planFile: subject.name, type: type.rawValue,
      payload: payload, createdAt: changes.now)
    let created = try changes.record(.signalCreated, project: key, task: subject.key) { event in
      let about = subject.name.isEmpty ? "" : " for \(subject.name)"
      event.note = EventNote("signal \(type.rawValue) created\(about)")
      return try changes.insertSignal(signal, in: event)
    }
    return .done(SignalAnswer(created, project: project))
  }
}

extension TaskFilename {
  /// A filename, or nil for an empty text, as clients write "none".
  init?(unlessEmpty text: String) throws(HoldfastError) {
    guard !text.isEmpty else { return nil }
    try self.init(text)
  }
}
