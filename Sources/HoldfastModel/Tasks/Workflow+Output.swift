extension Workflow: Output {
  public static var placeholder: Workflow { .graph }

  /// As ``WorkflowDefinition`` reads it; one that comes built in says so.
  public func write(_ out: inout ObjectWriter) {
    out.field("name", name, "What it is called.")
    out.field(
      "built_in", ifTrue: Workflow.builtIn(name) != nil,
      "Whether every project has it, and none can change it.")
    out.field(
      "moved_by_events", ifTrue: isMovedByEvents,
      "Whether events alone move its tasks, and a claim leaves their status as it is.")
    writeDefinition(&out)
  }

  /// The definition alone, as it is stored.
  public var definition: String {
    var out = ObjectWriter(shape: .native)
    out.beginObject()
    writeDefinition(&out)
    out.endObject()
    return String(decoding: out.bytes, as: UTF8.self)
  }

  private func writeDefinition(_ out: inout ObjectWriter) {
    let words = Dictionary(grouping: aliases.keys.sorted()) { aliases[$0] }
    out.list(
      "statuses",
      statuses.map { status in
        StatusOutput(
          name: status, category: category(status), aliases: words[status] ?? [],
          moves: isMovedByEvents
            ? statuses.filter { target in
              moves.contains { $0.source == status && $0.target == target && target != status }
            } : steps[status])
      }, "Its statuses, as a task usually passes them.")
    out.field(
      "initial", unlessEmpty: (initial ?? status(after: .release))?.text,
      "The status of a new task.")
    out.object(
      "operations",
      OperationsOutput(
        targets: isMovedByEvents
          ? []
          : GraphOperation.allCases.compactMap { name in status(after: name).map { (name, $0) } }),
      "Where operations lead.")
  }

  private struct StatusOutput: Output {
    let name: TaskStatus
    let category: StatusCategory
    let aliases: [TaskStatus]
    let moves: [TaskStatus]?

    static var placeholder: StatusOutput {
      StatusOutput(name: .ready, category: .open, aliases: [], moves: nil)
    }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "WorkflowStatusAnswer" }

    func write(_ out: inout ObjectWriter) {
      out.field("name", name.text, "What it is called.")
      out.field("category", category.name, "What it means.")
      out.list("aliases", unlessEmpty: aliases.map(\.text), "Other words for it.")
      out.list(
        "moves", unlessNil: moves?.map(\.text),
        "Where a task may go from here; anywhere when left out.")
    }
  }

  private struct OperationsOutput: Output {
    let targets: [(operation: GraphOperation, status: TaskStatus)]

    static var placeholder: OperationsOutput { OperationsOutput(targets: []) }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "WorkflowOperationsAnswer" }

    func write(_ out: inout ObjectWriter) {
      for operation in GraphOperation.allCases {
        out.field(
          operation.fieldName,
          unlessEmpty: targets.first { $0.operation == operation }?.status.text,
          operation.fieldDescription)
      }
    }
  }
}
