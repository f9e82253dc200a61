internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

// What follows from tasks that have ended, or that others have made ready: each in an event of its own.

extension Workflow {
  /// The status of a task that must not outlive another one; of a workflow of a project's own that knows no
  /// failure it is the cancelled one.
  fileprivate var statusOfFailed: TaskStatus? {
    status(after: .fail) ?? (isMovedByEvents ? nil : status(after: .cancel))
  }
}

extension Changes {
  /// Does what follows from ended tasks in events of its own, and so on along the chain.
  func settleEndings() throws {
    guard !readiness.isSettling,
      !readiness.ended.isEmpty || !readiness.failing.isEmpty || !readiness.advancing.isEmpty
    else { return }
    readiness.isSettling = true
    defer { readiness.isSettling = false }
    while !readiness.ended.isEmpty || !readiness.failing.isEmpty {
      while !readiness.ended.isEmpty {
        let (task, owner) = readiness.ended.removeFirst()
        try endLocks(of: task, heldBy: owner)
      }
      try failDependents()
    }
    try advance()
  }

  /// Moves those on that others have made ready, as far as their workflows go there.
  private func advance() throws {
    let target = TaskStatus(stored: facts.settings.autoAdvance)
    while let id = readiness.advancing.popLast() {
      guard let task = try taskRow(id), task.graph.ready != nil else { continue }
      let workflow = try workflow(of: task)
      guard !workflow.isMovedByEvents, workflow.category(target) == .open,
        workflow.next(after: task.status).contains(target)
      else { continue }
      _ = try move(task, to: target, as: .taskChanged, reason: "nothing holds it any more")
      readiness.adjusted.insert(id)
    }
  }

  /// Ends the locks that a task needed; those of its holder, too, when it holds no other task.
  private func endLocks(of task: Int64, heldBy owner: String) throws {
    try releaseLocks(ofTask: task)
    guard !owner.isEmpty, let agent = try findAgent(AgentID(stored: owner)),
      try memory.count(Self.tasksOfOwner, [.text(owner)], in: transaction) == 0
    else { return }
    try releaseLocks(of: agent, because: .taskEnd, isUnbound: true)
  }

  /// Ends those badly that must not outlive a task which did not end well.
  private func failDependents() throws {
    while let (failing, cause) = readiness.takeFailing() {
      guard let task = try taskRow(failing), task.isFree,
        let status = try workflow(of: task).statusOfFailed
      else { continue }
      let because = try taskRow(cause).map { id(of: $0).text } ?? "another task"
      let reason = "blocker \(because) did not end well"
      try change(
        task, as: .taskFailed,
        note: EventNote(
          "\(task.filename) failed, because \(because) did not end well",
          detail: JSONObject([
            ("from", .string(task.status.text)), ("to", .string(status.text)),
            ("reason", .string(reason)),
          ]))
      ) { entry, _ in
        entry.status = status
        entry.graph.reason = reason
      }
      readiness.adjusted.insert(failing)
      readiness.failed.append(failing)
    }
  }
}
