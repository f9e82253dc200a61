/// What Holdfast reads from the markdown of a task: its goal, its waves and their tasks.
///
/// Recognised are a line `**Goal:** …`, wave headers
/// `## Wave N` or `### Wave N`, and task headers `### Task N: title` or `#### Task N: title` (with
/// `:`, `—`, `–` or `-`), all at the beginning of a line and outside of fenced code. Any bytes can
/// be read; the document itself is never altered.
public struct PlanDocument: Hashable, Sendable {
  /// The text of the first goal line, or `nil` without one (or with an empty one).
  public private(set) var goal: String?
  /// The waves in the order of the document.
  public private(set) var waves: [Wave] = []
  /// The text of the first heading of level 1 (`# …`).
  public private(set) var firstHeading: String?
  /// The task numbers that occur more than once, ascending.
  public private(set) var duplicateTaskNumbers: [Int64] = []
  /// Whether there is nothing but white space.
  public private(set) var isBlank = true
  /// How many task headers stand before the first wave; they belong to no wave and are left out.
  private var strayTasks = 0

  /// A group of tasks that can be worked on at once.
  public struct Wave: Hashable, Sendable {
    /// The number in the header.
    public let number: Int64
    /// The tasks in the order of the document.
    public var tasks: [Task]

    /// Creates a wave.
    public init(number: Int64, tasks: [Task] = []) {
      self.number = number
      self.tasks = tasks
    }
  }

  /// One task header.
  public struct Task: Hashable, Sendable {
    /// The number in the header.
    public let number: Int64
    /// The title, at least one character.
    public let title: String

    /// Creates a task.
    public init(number: Int64, title: String) {
      self.number = number
      self.title = title
    }
  }

  /// Reads a document.
  ///
  /// - Parameter bytes: The document, of any length and content.
  /// - Complexity: O(*n*) in the bytes, O(*t* log *t*) in the tasks.
  public init(parsing bytes: [UInt8]) {
    let span = bytes.span
    var lines = MarkdownLines(span)
    while let line = lines.next(span) {
      guard !line.isEmpty else { continue }
      switch span[line.lowerBound] {
      case UInt8(ascii: "#"): readHeading(line, span)
      case UInt8(ascii: "*"): readField(line, span)
      default: break
      }
    }
    isBlank = bytes.allSatisfy { Span<UInt8>.isBlank($0) }
    duplicateTaskNumbers = Self.duplicates(waves.flatMap { $0.tasks.map(\.number) })
  }

  private mutating func readField(_ line: Range<Int>, _ span: Span<UInt8>) {
    func value(_ label: StaticString) -> String? {
      guard span.has(label, at: line.lowerBound, before: line.upperBound) else { return nil }
      let text = span.text((line.lowerBound + label.utf8CodeUnitCount)..<line.upperBound)
      return text.isEmpty ? nil : text
    }
    if goal == nil, let text = value("**Goal:**") {
      goal = text
    }
  }

  private mutating func readHeading(_ line: Range<Int>, _ span: Span<UInt8>) {
    guard let heading = PlanHeading(line, span) else { return }
    switch heading {
    case .first(let text):
      if firstHeading == nil && !text.isEmpty { firstHeading = text }
    case .wave(let number):
      waves.append(Wave(number: number))
    case .task(let number, let title):
      if waves.isEmpty {
        strayTasks += 1
      } else {
        waves[waves.count - 1].tasks.append(Task(number: number, title: title))
      }
    }
  }

  private static func duplicates(_ numbers: [Int64]) -> [Int64] {
    let sorted = numbers.sorted()
    var found: [Int64] = []
    for (last, number) in zip(sorted, sorted.dropFirst()) where last == number {
      if found.last != number { found.append(number) }
    }
    return found
  }
}

extension PlanDocument {
  /// Whether any wave has a task.
  public var hasTasks: Bool { waves.contains { !$0.tasks.isEmpty } }

  /// What the writer of the document should know, one sentence each; empty when all is well.
  public var warnings: [String] {
    var warnings: [String] = []
    if waves.isEmpty {
      warnings.append("no wave headers (\"## Wave N\") found; subtasks were left as they are")
    } else if !hasTasks {
      warnings.append(
        "no task headers (\"### Task N: title\") found in any wave; "
          + "subtasks were left as they are")
    }
    if strayTasks > 0 && !waves.isEmpty {
      warnings.append("\(strayTasks) task header(s) before the first wave were left out")
    }
    return warnings
  }

  /// Refuses a document whose tasks cannot be told apart, or has too many.
  ///
  /// - Throws: ``HoldfastError`` 400 that names the numbers (the first 20 of them), or the count.
  public func check() throws(HoldfastError) {
    let count = waves.reduce(0) { $0 + $1.tasks.count }
    guard count <= Subtask.countMax else {
      throw HoldfastError(
        .invalidField,
        "the document has \(count) tasks; a task has at most \(Subtask.countMax) subtasks")
    }
    guard !duplicateTaskNumbers.isEmpty else { return }
    let shown = duplicateTaskNumbers.prefix(20).map(String.init).joined(separator: ", ")
    let more = duplicateTaskNumbers.count > 20 ? ", …" : ""
    throw HoldfastError(
      .invalidField, "duplicate task numbers in the document: \(shown)\(more)")
  }

  /// Returns the subtasks that a task has after this document was written to it.
  ///
  /// A task with the number of an existing subtask keeps its status, also under a new title; a new
  /// number is pending; a number that is gone is removed. A document without waves, or without
  /// tasks in them, changes nothing.
  ///
  /// - Parameter existing: The task's subtasks.
  /// - Returns: The subtasks by number, and the numbers removed.
  public func merged(into existing: [Subtask]) -> (subtasks: [Subtask], removed: [Int64]) {
    guard hasTasks else { return (existing, []) }
    let before = existing.sorted { $0.number < $1.number }
    let statuses = Dictionary(
      before.map { ($0.number, $0.status) }, uniquingKeysWith: { first, _ in first })
    var seen: Set<Int64> = []
    var subtasks: [Subtask] = []
    for task in waves.lazy.flatMap(\.tasks) where seen.insert(task.number).inserted {
      let status = statuses[task.number] ?? SubtaskStatus.pending
      subtasks.append(Subtask(number: task.number, title: task.title, status: status))
    }
    subtasks.sort { $0.number < $1.number }
    let removed = before.map(\.number).filter { !seen.contains($0) }
    return (subtasks, removed)
  }
}
