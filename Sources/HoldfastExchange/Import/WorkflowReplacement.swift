internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

extension Reconciliation {
  /// Whether a workflow of the project becomes another one; what else changes by that is noted.
  func replaces(
    _ row: ProjectWorkflow, by theirs: Workflow, of project: ProjectName, _ notes: inout ImportNotes
  ) throws -> Bool {
    let new = try store.view { try $0.replacement(of: row, by: theirs, of: project) }
    guard try row.readable() != new else { return false }
    let kept = new.statuses.dropFirst(theirs.statuses.count).map(\.text.quoted)
    notes.add(
      "the workflow \(theirs.name.quoted) of project \(project) is the source's from now on"
        + (kept.isEmpty
          ? "" : ", and keeps \(kept.joined(separator: ", ")) for tasks that are deleted"))
    return true
  }
}

extension StoreView {
  /// A workflow in the place of another one, with the statuses of that one in which tasks stand.
  ///
  /// - Throws: ``HoldfastError`` where one of them would mean something else.
  func replacement(
    of row: ProjectWorkflow, by theirs: Workflow, of project: ProjectName
  ) throws -> Workflow {
    let standing = try statusesOfTasks(with: row)
    let ours = try row.readable()
    guard let merged = theirs.keeping(standing, of: ours) else {
      let words = standing.map(\.text.quoted).joined(separator: ", ")
      throw HoldfastError(
        .conflict,
        "the workflow \(theirs.name.quoted) of project \(project) cannot become the source's: tasks, "
          + "deleted ones too, stand in \(words), and not each of these words can keep its meaning in the "
          + "source's. Give them one meaning with workflow define, or import with --mode merge. Nothing "
          + "was imported")
    }
    return merged
  }
}

extension ImportBatch {
  func write(
    _ workflow: Workflow, isReplacement: Bool, _ project: Int64, _ changes: Changes,
    _ last: inout Int64
  ) throws {
    guard let known = try changes.workflowRow(WorkflowName(stored: workflow.name), in: project)
    else {
      last = try changes.record(.imported, project: project) { event in
        event.note = EventNote("workflow \(workflow.name) imported")
        try event.insert(ProjectWorkflow(project: project, workflow: workflow))
        return event.sequence
      }
      return
    }
    let meant =
      isReplacement
      ? try changes.replacement(of: known, by: workflow, of: work.project) : workflow
    guard try known.readable() != meant else { return }
    // What its tasks mean was compared with what was there then.
    guard isReplacement else {
      throw HoldfastError(
        .conflict,
        "somebody has defined the workflow \(workflow.name.quoted) of project \(work.project) "
          + "meanwhile: import again")
    }
    var new = ProjectWorkflow(project: project, workflow: meant)
    new.id = known.id
    let made = new
    last = try changes.record(.imported, project: project) { event in
      event.note = EventNote("workflow \(workflow.name) replaced by \(work.source)")
      try event.update(known, to: made)
      return event.sequence
    }
  }

  func acceptAnyStatus(_ project: Int64, _ changes: Changes, _ last: inout Int64) throws {
    guard
      let stored = try changes.reading.first(Self.project, [.int(project)], Project.init(row:)),
      !stored.acceptsAnyStatus
    else { return }
    var new = stored
    new.acceptsAnyStatus = true
    let made = new
    last = try changes.record(.imported, project: project) { event in
      event.note = EventNote("project \(work.project) accepts any status")
      try event.update(stored, to: made)
      return event.sequence
    }
  }
}
