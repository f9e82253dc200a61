internal import HoldfastModel
internal import HoldfastStore

extension KasmosDatabase {
  private struct SignalColumns {
    let project: Int?
    let planFile: Int?
    let type: Int?
    let payload: Int?
    let status: Int?
    let createdAt: Int?
    let claimedBy: Int?
    let claimedAt: Int?
    let processedAt: Int?
    let result: Int?

    init(_ table: inout KasmosTable) {
      project = table.column(["project", "repo", "repository"])
      planFile = table.column(["plan_file", "task_file", "plan_filename", "filename", "plan"])
      type = table.column(["signal_type", "type", "kind"])
      payload = table.column(["payload"])
      status = table.column(["status"])
      createdAt = table.column(["created_at", "created"])
      claimedBy = table.column(["claimed_by"])
      claimedAt = table.column(["claimed_at"])
      processedAt = table.column(["processed_at"])
      result = table.column(["result"])
    }
  }

  mutating func readSignals() throws {
    try read(
      "signals", { SignalColumns(&$0) },
      { reading, row, columns in
        guard let project = try reading.project(of: row, columns.project) else { return }
        var row = row
        let plan = row.exactText(columns.planFile).flatMap { try? TaskFilename($0) }
        let type = row.text(columns.type, "signal_type", &reading.plan.notes)
        row.what = "signal \(type.legible) for \(plan?.text ?? "no task")"
        if plan == nil && !row.bytes(columns.planFile).isEmpty {
          reading.plan.notes.add("\(row.what): its task's name cannot be kept, so it is about none")
        }
        guard !type.isEmpty else {
          reading.plan.notes.add("\(row.what) was left out: it has no type")
          return
        }
        guard type.utf8.count <= ImportedSignal.typeMax else {
          reading.plan.notes.add(
            "a signal was left out: its type has more than \(ImportedSignal.typeMax) bytes")
          return
        }
        let time = row.time(columns.createdAt, "created_at", &reading.plan.notes)
        var signal = Signal(
          project: 0, task: nil, planFile: plan?.text ?? "", type: type,
          payload: row.text(columns.payload, "payload", &reading.plan.notes),
          createdAt: time ?? Timestamp(nanoseconds: 0))
        let status = row.text(columns.status, "status", &reading.plan.notes)
        signal.result = row.text(columns.result, "result", &reading.plan.notes)
        signal.processedAt = row.time(columns.processedAt, "processed_at", &reading.plan.notes)
        signal.claimedBy = row.text(columns.claimedBy, "claimed_by", &reading.plan.notes)
        signal.claimedAt = row.time(columns.claimedAt, "claimed_at", &reading.plan.notes)
        ImportedSignal.settle(&signal, status: status, row.what, &reading.plan.notes)
        let made = signal
        reading.plan.withProject(project) { $0.signals.append(made) }
      })
  }

  mutating func readAudit() throws {
    try read(
      "audit_events",
      { table in
        (
          project: table.column(["project", "repo", "repository"]),
          kind: table.column(["kind", "type"]),
          timestamp: table.column(["timestamp", "created_at", "at"]),
          taskFile: table.column(["task_file", "plan_file", "plan_filename", "filename"]),
          instance: table.column(["instance_title", "instance"]),
          agent: table.column(["agent_type"]), wave: table.column(["wave_number"]),
          number: table.column(["task_number"]), message: table.column(["message"]),
          detail: table.column(["detail", "details"]), level: table.column(["level"])
        )
      },
      { reading, row, columns in
        // Lines of no project belong to none that could show them, unless one is given.
        if row.bytes(columns.project).isEmpty && reading.project == nil {
          reading.plan.notes.add("a line of the audit trail was left out: it names no project")
          return
        }
        guard let project = try reading.project(of: row, columns.project) else { return }
        var row = row
        row.what = "a line of the audit trail"
        var notes = reading.plan.notes
        let time = row.time(columns.timestamp, "timestamp", &notes)
        var line = AuditLine(
          kind: row.text(columns.kind, "kind", &notes),
          happenedAt: time ?? Timestamp(nanoseconds: 0))
        let file = row.text(columns.taskFile, "task_file", &notes)
        line.taskFile = (try? TaskFilename(file))?.text ?? file
        line.instanceTitle = row.text(columns.instance, "instance_title", &notes)
        line.agentType = row.text(columns.agent, "agent_type", &notes)
        line.waveNumber = row.number(columns.wave, "wave_number", &notes)
        line.taskNumber = row.number(columns.number, "task_number", &notes)
        line.message = row.text(columns.message, "message", &notes)
        line.detail = row.text(columns.detail, "detail", &notes)
        let level = row.text(columns.level, "level", &notes)
        line.level = AuditLevel(rawValue: level)?.rawValue ?? AuditLevel.info.rawValue
        reading.plan.notes = notes
        let made = line
        reading.plan.withProject(project) { $0.audit.append(made) }
      })
  }
}

/// Signals of other systems, made ones of this store.
enum ImportedSignal {
  /// Bytes of a type, known here or not.
  static let typeMax = 255

  /// Sets the status as far as it goes on here.
  ///
  /// A claim does not: its worker works for the other system. So what was being processed waits
  /// again. What waits must be fit to be processed: an unknown type or an unfit payload fails, with
  /// the reason as its result. What has ended is history, and stays as it is.
  static func settle(
    _ signal: inout Signal, status: String, _ what: String, _ notes: inout ImportNotes
  ) {
    switch SignalStatus(rawValue: status) {
    case .done?: signal.status = .done
    case .failed?: signal.status = .failed
    case .pending?, .processing?:
      signal.status = .pending
      signal.claimedBy = ""
      signal.claimedAt = nil
      signal.processedAt = nil
      do {
        let type = try SignalType(parsing: signal.type)
        signal.payload = try SignalPayload.canonical(for: type, text: signal.payload)
        signal.type = type.rawValue
      } catch {
        fail(&signal, error.message, what, &notes)
      }
    case nil:
      let reason = status.isEmpty ? "it has no status" : "its status \(status.quoted) is not known"
      fail(&signal, reason, what, &notes)
    }
    // Old spellings of a type are one type, or a second import would not know it again.
    if let type = try? SignalType(parsing: signal.type) { signal.type = type.rawValue }
  }

  private static func fail(
    _ signal: inout Signal, _ reason: String, _ what: String, _ notes: inout ImportNotes
  ) {
    signal.status = .failed
    if signal.result.isEmpty { signal.result = reason }
    notes.add("\(what) was taken over as failed: \(reason)")
  }
}
