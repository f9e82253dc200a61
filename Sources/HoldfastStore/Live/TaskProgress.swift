public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Says how far the work on a task is, by a merge patch (RFC 7396): left out keeps, null clears.
public struct TaskProgress: Mutation {
  public static let name = "task_progress"
  public static let summary = "Says how far the work on a task is: left out keeps, null clears."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let percent: Change<Int64>
  public let step: Change<Int64>
  public let steps: Change<Int64>
  public let message: Change<String>
  public let timeLeft: Change<Int64>

  /// The longest message, in bytes.
  public static let bytesMax = 4096

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    percent = try fields.change("percent", "How much of it is done, from 0 to 100.")
    step = try fields.change("step", "Which step it is at.")
    steps = try fields.change("steps", "How many steps there are.")
    message = try fields.change("message", "What is going on.")
    timeLeft = try fields.change("time_left_ms", "How long it may still take, in milliseconds.")
  }

  public func check() throws(HoldfastError) {
    try Self.check(percent, "percent", in: 0...100)
    try Self.check(step, "step", in: 0...(.max))
    try Self.check(steps, "steps", in: 0...(.max))
    try Self.check(timeLeft, "time_left_ms", in: 0...(.max))
    if case .set(let text) = message, text.utf8.count > Self.bytesMax {
      throw FieldPosition("message").mustBe("at most \(Self.bytesMax) bytes long")
    }
  }

  private static func check(
    _ change: Change<Int64>, _ name: String, in range: ClosedRange<Int64>
  ) throws(HoldfastError) {
    guard case .set(let value) = change, !range.contains(value) else { return }
    throw FieldPosition(name).mustBe(
      "a whole number from \(range.lowerBound) to \(range.upperBound), not \(value)")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    try changes.check(holder, of: task)
    let agent = try holder.agent.flatMap(changes.findAgent)
    var progress = try Progress(stored: task.graph.progress)
    progress.percent = percent.applied(to: progress.percent)
    progress.step = step.applied(to: progress.step)
    progress.steps = steps.applied(to: progress.steps)
    progress.message = message.applied(to: progress.message, empty: "")
    progress.timeLeft = timeLeft.applied(to: progress.timeLeft)
    if let step = progress.step, let steps = progress.steps, step > steps {
      throw FieldPosition("step").mustBe("at most \(steps), the number of steps, not \(step)")
    }
    let changed = try changes.set(
      task, as: .taskChanged, by: holder.agent,
      note: EventNote("\(task.filename): progress" + progress.inWords)
    ) { $0.graph.progress = progress.stored }
    if let agent { try changes.heartbeat(of: agent) }
    return .done(try changes.slimAnswer(changed.current(in: changes)))
  }
}

/// How far the work on a task is.
struct Progress: Output {
  var percent: Int64?
  var step: Int64?
  var steps: Int64?
  var message = ""
  var timeLeft: Int64?

  init() {}

  /// Reads what ``stored`` wrote.
  init(stored: String) throws {
    guard !stored.isEmpty else { return }
    let json = try JSONReader.read(Array(stored.utf8))
    percent = json["percent"]?.int64Value
    step = json["step"]?.int64Value
    steps = json["steps"]?.int64Value
    message = json["message"]?.stringValue ?? ""
    timeLeft = json["time_left_ms"]?.int64Value
  }

  /// The object as it is answered; empty for one that says nothing.
  var stored: String {
    var out = ObjectWriter(shape: .native)
    out.value(self)
    let text = String(decoding: out.bytes, as: UTF8.self)
    return text == "{}" ? "" : text
  }

  /// Behind the word "progress" in the history.
  var inWords: String {
    var words = ""
    if let percent { words += " \(percent)%" }
    if let step { words += " step \(step)" + (steps.map { " of \($0)" } ?? "") }
    return words + (message.isEmpty ? "" : ": \(message)")
  }

  static var placeholder: Progress { Progress() }

  static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Progress" }

  func write(_ out: inout ObjectWriter) {
    out.field("percent", unlessNil: percent, "How much of it is done, from 0 to 100.")
    out.field("step", unlessNil: step, "Which step it is at.")
    out.field("steps", unlessNil: steps, "How many steps there are.")
    out.field("message", unlessEmpty: message, "What is going on.")
    out.field("time_left_ms", unlessNil: timeLeft, "How long it may still take, in milliseconds.")
  }
}
