public import HoldfastModel
internal import HoldfastStore

/// What an import does with what is there already.
public enum ImportMode: String, CaseIterable, Sendable, Choice {
  /// Leaves alone what is there, and adds what is not.
  case merge
  /// Refuses a project that has tasks.
  case fresh
  /// Deletes the tasks of the project first.
  case replace
}

/// How an import puts what it brings into a project.
public struct ImportOptions: Sendable {
  public var mode = ImportMode.merge
  /// Whether the tasks get new ids, so that nothing is the same as what is there.
  public var remapsIDs = false
  /// The task of the project that is to contain those that nothing contains.
  public var parent: TaskFilename?

  public init() {}
}

extension ImportPlan {
  /// Gives all tasks of the task graph new ids, everywhere where they are named.
  mutating func remapIDs() {
    for place in projects.indices { projects[place].remapIDs() }
  }
}

extension ImportedProject {
  fileprivate mutating func remapIDs() {
    var names: [TaskFilename: TaskFilename] = [:]
    var generator = SystemRandomNumberGenerator()
    for place in tasks.indices {
      let task = tasks[place]
      guard let id = task.entry.graph.givenID else { continue }
      tasks[place].entry.graph.givenID = nil
      // A name of its own stays.
      guard task.entry.filename.text == id.text else { continue }
      names[task.entry.filename] = TaskFilename(
        stored: String(generator.next() | 1 << 63, radix: 36))
    }
    func renamed(_ name: TaskFilename) -> TaskFilename { names[name] ?? name }
    taskByName = Dictionary(
      uniqueKeysWithValues: taskByName.map { (renamed($0.key), $0.value) })
    for place in tasks.indices {
      let old = tasks[place].entry.filename
      if let new = names[old] {
        tasks[place].entry.filename = new
        tasks[place].entry.graph.givenID = TaskID(stored: new.text)
      }
      if let parent = tasks[place].parent?.filename {
        tasks[place].parent?.filename = renamed(parent)
      }
      for edge in tasks[place].edges.indices {
        let blocker = tasks[place].edges[edge].blocker.filename
        tasks[place].edges[edge].blocker.filename = renamed(blocker)
      }
    }
    for place in audit.indices {
      audit[place].taskFile = renamed(TaskFilename(stored: audit[place].taskFile)).text
    }
    for place in signals.indices {
      signals[place].planFile = renamed(TaskFilename(stored: signals[place].planFile)).text
    }
    locks = locks.map { lock in
      ImportedLock(
        agent: lock.agent, path: lock.path, reason: lock.reason, lockedAt: lock.lockedAt,
        task: lock.task.map(renamed))
    }
  }
}
