public import HoldfastModel
public import HoldfastStore
internal import HoldfastDatabase

extension Store {
  /// Makes many signals in one write, all at the same time, each with an event of its own.
  ///
  /// - Parameter task: The filename of the task that they are about; a new one comes into being.
  public func makeSignals(
    _ count: Int, payload: String = "", statuses: [SignalStatus] = [.pending],
    task filename: String? = nil
  ) throws {
    _ = try run(
      Work { changes in
        let project = try changes.projectKeyForWriting(ProjectName("p"))
        let task = try filename.map { name in
          try changes.record(.taskCreated, project: project) { event in
            var task = TaskEntry(project: project, filename: try TaskFilename(name), status: .ready)
            task.revision = event.sequence
            task.id = try event.insert(task)
            event.task = task.id
            return task.id
          }
        }
        for number in 0..<count {
          try changes.record(.signalCreated, project: project, task: task) { event in
            var signal = Signal(
              project: project, task: task, planFile: filename ?? "", type: "plan_start",
              payload: payload, createdAt: changes.now)
            signal.status = statuses[number % statuses.count]
            try event.insert(signal)
          }
        }
      })
  }
}
