import HoldfastJSON
import HoldfastTesting
import Testing

/// Commands against a server of the task-store contract that is not ours.
@Suite struct ContractServerTests {
  let home = TestHome()
  let server: ContractServer

  init() throws { server = try ContractServer() }

  private func run(_ words: String..., input: String? = nil) throws -> TestProcess.Result {
    try home.run(words + ["--store", "http://127.0.0.1:\(server.port)"], input: input)
  }

  @Test func `tasks live there`() throws {
    #expect(
      try run("task", "create", "a b/c%", "--topic", "x").printed("created: a b/c% → ready\n"))
    #expect(
      server.requests == [
        "POST /v1/operations/task_create", "POST /v1/projects/p/tasks",
      ])
    #expect(try run("task", "create", "t", "--content", "# T").code == 0)
    #expect(try run("task", "list").output.split(separator: "\n").count == 2)
    #expect(try run("task", "list", "--status", "done", "--topic", "x").printed(""))
    #expect(try run("task", "show", "t.md").printed("# T"))
    let json = try run("task", "show", "a b/c%", "--json").json
    #expect(json?["filename"]?.stringValue == "a b/c%")
    #expect(json?["planning_at"] == nil && json?["created_at"] != nil)
    #expect(server.requests.last == "GET /v1/projects/p/tasks/a%20b%2Fc%25")
    let updated = try run("task", "update-content", "t", input: "# New")
    #expect(updated.output == "updated content for t\n")
    #expect(try run("task", "show", "t").printed("# New"))
    #expect(try run("task", "transition", "t", "plan_start").printed("t → planning\n"))
    #expect(try run("task", "set-status", "t", "done", "--force").printed("t → done\n"))
    #expect(try run("task", "link-clickup", "t", "c").printed("linked t\n"))
    #expect(try run("task", "link-linear", "t", "--issue-id", "i").printed("linked t\n"))
    #expect(try run("task", "unlink-linear", "t").printed("unlinked t\n"))
    #expect(try run("task", "goal", "t", "win").printed("goal set for t\n"))
    #expect(try run("task", "topic", "t", "web").printed("t → web\n"))
    #expect(try run("topic", "list").printed("web\nx\n"))
    #expect(try run("task", "rename", "t", "U 2").printed("renamed t → u-2\n"))
    #expect(try run("task", "delete", "u-2", "--yes").printed("deleted u-2\n"))
    #expect(try run("project", "list").printed("p\n"))
    #expect(try run("audit", "list", "--limit", "1").output.contains("deleted"))
  }

  @Test func `signals and subtasks live there`() throws {
    #expect(try run("task", "create", "t").code == 0)
    let plan = "## Wave 1\n\n### Task 1: one\n"
    #expect(try run("task", "update-content", "t", input: plan).code == 0)
    #expect(try run("subtask", "set", "t", "1", "done").printed("t#1 → done\n"))
    #expect(try run("subtask", "list", "t").printed("1    done       one\n"))
    let emitted = try run("signal", "emit", "plan_start", "t")
    #expect(emitted.printed("signal emitted: type=plan_start plan=t\n"))
    let list = try run("signal", "list", "--status", "all", "--json").json
    let signal = list?["signals"]?.arrayValue?.first
    #expect(signal?["plan_file"]?.stringValue == "t" && signal?["id"]?.int64Value == 1)
    #expect(signal?["claimed_at"] == nil && signal?["claimed_by"] == nil)
  }

  @Test func `what the contract does not know is not available`() throws {
    for words in [
      ["task", "restore", "t"], ["signal", "process", "--once"], ["monitor", "--once"],
    ] {
      let result = try home.run(words + ["--store", "http://127.0.0.1:\(server.port)"])
      #expect(result.code == 1 && result.output.isEmpty)
      #expect(result.errors.contains("is not available: the task store is not a Holdfast server"))
    }
    #expect(try run("task", "list", "--search", "x").code == 1)
  }

  @Test func `refusals are told as the contract has it`() throws {
    let missing = try run("task", "show", "none")
    #expect(missing.code == 3 && missing.errors == "holdfast: task not found: none\n")
    #expect(try run("task", "create", "t").code == 0)
    let taken = try run("task", "create", "t")
    #expect(taken.code == 4)
    #expect(
      taken.errors == "holdfast: task store: plan already exists: p/t (status 409)\n")
    server.refuse(with: "HTTP/1.1 500 X\r\nContent-Length: 4\r\nConnection: close\r\n\r\noops")
    let broken = try run("task", "list")
    #expect(broken.code == 1)
    #expect(broken.errors == "holdfast: task store: the server gave no reason (status 500)\n")
    server.refuse(with: "HTTP/1.1 200 X\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<ht>")
    #expect(try run("task", "list").code == 5)
  }

  @Test func `a server that is not there is no reason to write elsewhere`() throws {
    let result = try home.run("task", "create", "t", "--store", "http://127.0.0.1:1")
    #expect(result.code == 5 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("holdfast: task store unreachable: http://127.0.0.1:1"))
    #expect(try ChildProcess.run(["ls", home.storePath]).code != 0)
  }

  @Test func `an empty answer to a change is followed by a look at the task`() throws {
    #expect(try run("task", "create", "t").code == 0)
    let json = try run("task", "link-clickup", "t", "c", "--json").json
    #expect(json?["clickup_task_id"]?.stringValue == "c")
    #expect(
      server.requests.suffix(2) == [
        "PUT /v1/projects/p/tasks/t/clickup-task-id", "GET /v1/projects/p/tasks/t",
      ])
  }
}
