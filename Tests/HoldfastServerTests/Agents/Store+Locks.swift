import HoldfastModel
import HoldfastTesting

@testable import HoldfastStore

extension Store {
  /// Ends the locks of a task, as the end of the task does.
  func endTask(_ filename: String, in project: String) throws {
    _ = try run(
      Work { changes in
        let task = try changes.task(TaskFilename(filename), in: ProjectName(project))
        try changes.releaseLocks(ofTask: task.id)
      })
  }

  /// Ends the locks of an agent that no task holds, as the end of its last task does.
  func endUnbound(_ agent: String) throws {
    _ = try run(
      Work { changes in
        try changes.releaseLocks(
          of: changes.agent(AgentID(agent)), because: .taskEnd, isUnbound: true)
      })
  }
}
