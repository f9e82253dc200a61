import HoldfastJSON
import Testing

@testable import HoldfastMCP

/// Which events change which resources.
@Suite struct WatchedResourceTests {
  private func event(
    _ type: String, task: String = "", filename: String = "", project: String = "p"
  ) -> StoreEvent {
    StoreEvent([
      "type": .string(type), "task": .string(task), "filename": .string(filename),
      "project": .string(project),
    ])
  }

  private func isTouched(_ uri: String, by event: StoreEvent) -> Bool? {
    WatchedResource(uri, of: Toolset.core.resources, project: "p")?.isTouched(by: event, today: "p")
  }

  @Test func `a task changes with its own events, by its id or its name`() {
    for uri in ["task://p/k3m9qz", "task://p/a%20b"] {
      #expect(isTouched(uri, by: event("task_changed", task: "k3m9qz", filename: "a b")) == true)
      #expect(isTouched(uri, by: event("task_changed", task: "other", filename: "other")) == false)
      #expect(
        isTouched(uri, by: event("task_changed", task: "k3m9qz", filename: "a b", project: "q"))
          == false)
      #expect(isTouched(uri, by: event("imported")) == true)
      #expect(isTouched(uri, by: event("store_restored", project: "")) == true)
    }
  }

  @Test func `lists change with what their lines say`() {
    for uri in ["tasks://ready", "tasks://p/all", "tasks://p/status/pending", "stats://summary"] {
      #expect(isTouched(uri, by: event("task_finished", task: "a")) == true)
      #expect(isTouched(uri, by: event("locks_taken")) == false)
      #expect(isTouched(uri, by: event("agent_connected", project: "")) == false)
    }
    #expect(isTouched("tasks://ready", by: event("comment_added", task: "a")) == false)
    #expect(isTouched("files://locks", by: event("locks_released")) == true)
    #expect(isTouched("files://locks", by: event("task_finished", task: "a")) == false)
    #expect(isTouched("agents://all", by: event("agent_connected", project: "")) == true)
    #expect(isTouched("agents://all", by: event("task_claimed", task: "a", project: "q")) == true)
  }

  @Test func `the task graph's addresses are watched where its tools are`() {
    func isTouched(_ uri: String, by event: StoreEvent) -> Bool? {
      WatchedResource(uri, of: Toolset.taskGraph.resources, project: "p")?
        .isTouched(by: event, today: "p")
    }
    for uri in ["tasks://all", "tasks://agent/ann", "tasks://tree/a", "plan://acp"] {
      #expect(isTouched(uri, by: event("task_changed", task: "a")) == true)
      #expect(isTouched(uri, by: event("locks_taken")) == false)
    }
    #expect(isTouched("task://p/a", by: event("task_changed", task: "a")) == nil)
  }

  @Test func `what is no address of ours is watched by nobody`() {
    for uri in ["", "x", "task://p", "task://p/a/b", "tasks://p/%zz", "https://example.org/"] {
      #expect(WatchedResource(uri, of: Toolset.core.resources, project: "p") == nil, "\(uri)")
    }
    #expect(
      WatchedResource("tasks://ready", of: Toolset.core.resources, project: nil) == nil,
      "nobody says whose")
    #expect(WatchedResource("agents://all", of: Toolset.core.resources, project: nil) != nil)
  }
}
