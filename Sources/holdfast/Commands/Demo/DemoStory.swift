private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
private import Synchronization

/// The story that `demo` tells.
final class DemoStory: Sendable {
  private let documents: [DemoDocument]
  private let folder: ScratchFolder
  private let store: String
  private let processes: ChildProcesses
  private let output: Console

  static let project = "demo"
  static let plan = """
    **Goal:** The change is released.

    ## Wave 1

    ### Task 1: Write the tests

    ### Task 2: Make them pass

    ## Wave 2

    ### Task 3: Document it

    ### Task 4: Release it

    """

  init(
    documents: [DemoDocument], folder: ScratchFolder, processes: ChildProcesses, output: Console
  ) {
    self.documents = documents
    self.folder = folder
    self.processes = processes
    self.output = output
    store = folder.file("demo.db")
  }

  /// A way to the store of its own, for one thread.
  private func connect() -> DemoClient { DemoClient(store: store, processes: processes) }

  private func startServer() throws -> ServerProcess {
    try ServerProcess(in: folder.path, over: store, of: folder, processes: processes)
  }

  func tell() throws -> Int32 {
    var server = try startServer()
    say("A server listens on \(server.address.url) over a new store.")
    let client = connect()
    let warnings = try load(client)
    say(
      "\(documents.count) documents became tasks; \(warnings) have no waves and are one step each.")
    let heroes = try chooseHeroes(client)
    say("Three of them get a plan of two waves with four steps.")

    let workers = ["ada", "grace"].map { DemoWorker(name: $0, client: connect(), say: say) }
    let journal = DemoJournal(heroes: heroes.count)
    let ends = try workers.map { worker in
      let end = Handover<Result<Void, any Error>>()
      try startThread(name: worker.name) { end.set(Result { try worker.work(journal) }) }
      return end
    }
    for hero in heroes { try client.run("task_transition", ["task": hero, "event": "plan_start"]) }
    journal.waitUntilHalfway()
    server.stop(with: SIGKILL)
    say("The server was killed in the middle. It comes back:")
    server = try startServer()
    for end in ends { try end.wait().get() }
    say("Both workers are done; every signal was handled.")

    for hero in heroes { try checkHero(hero, client) }
    let compared = try compareBytes(client)
    say("\(compared) documents are in the store byte for byte.")
    client.close()
    guard server.stop() == 0 else {
      throw HoldfastError(.internalError, "the server did not stop in order")
    }
    let report = try client.verify()
    client.close()
    say(report)
    return 0
  }

  private func say(_ sentence: String) {
    output.line(sentence)
    output.flush()
  }

  /// Makes a task of each document and returns how many ingests warned.
  private func load(_ client: DemoClient) throws -> Int {
    var warnings = 0
    for document in documents {
      try client.run(
        "task_create",
        [
          "filename": .string(document.filename.text), "description": .string(document.title),
          "status": .string(document.status.text), "topic": .string(document.labels.first ?? ""),
        ])
      let answer = try client.run(
        "content_set", ["task": .string(document.filename.text)], content: document.bytes)
      if !(answer["warnings"]?.arrayValue ?? []).isEmpty { warnings += 1 }
    }
    return warnings
  }

  /// Three tasks that are ready, or are made so.
  private func chooseHeroes(_ client: DemoClient) throws -> [JSON] {
    try documents.prefix(3).map { document in
      let name = JSON.string(document.filename.text)
      if document.status != .ready {
        try client.run("task_status_set", ["task": name, "target": "ready"])
      }
      return name
    }
  }

  private func checkHero(_ hero: JSON, _ client: DemoClient) throws {
    let task = try client.run("task_get", ["task": hero])
    let steps = try client.run("subtask_list", ["task": hero])["subtasks"]?.arrayValue ?? []
    let done = steps.count { $0["status"]?.stringValue == "done" }
    guard task.text("status") == "done", steps.count == 4, done == 4 else {
      throw HoldfastError(
        .internalError,
        "\(task.text("filename")) ended as \(task.text("status")) with \(done) steps")
    }
    let cycles = task["review_cycle"]?.int64Value ?? 0
    say("  \(task.text("filename")): done, 4 of 4 steps, \(cycles) review cycle(s)")
  }

  /// Compares the text of every task that kept its document with the document.
  private func compareBytes(_ client: DemoClient) throws -> Int {
    for document in documents.dropFirst(3) {
      let answer = try client.run("content_get", ["task": .string(document.filename.text)])
      let stored = try BytesValue(answer["content"] ?? "", field: FieldPosition("content"))
      guard stored.bytes == document.bytes else {
        throw HoldfastError(.internalError, "\(document.filename) is not what was stored")
      }
    }
    return documents.count - 3
  }
}

/// A thread's own way to the store of the demo: through its server, or while that is gone directly.
///
/// `@unchecked Sendable`: it is made on one thread and used by one thread, the worker's.
final class DemoClient: @unchecked Sendable {
  private let runner: LocalRunner
  private let processes: ChildProcesses

  init(store: String, processes: ChildProcesses) {
    self.processes = processes
    runner = LocalRunner(
      configuration: SQLiteConfiguration(path: store), settings: StoreSettings())
  }

  @discardableResult
  func run(_ operation: String, _ fields: [String: JSON] = [:], content: [UInt8]? = nil) throws
    -> JSON
  {
    try processes.check()
    let members = [("project", JSON.string(DemoStory.project))] + fields.map { ($0.key, $0.value) }
    let call = OperationCall(
      operation, members, attachment: content.map { .init(field: "content", bytes: $0) })
    // A store that nobody serves for a moment is given back at once, for the server to take.
    defer { runner.close() }
    return try runner.run(call) ?? .null
  }

  func close() { runner.close() }

  /// Verifies the whole store and returns what it found, in a sentence.
  func verify() throws -> String {
    let report = try runner.run(StoreWork.named("verify"), []) { _ in }
    guard report["clean"]?.boolValue == true else {
      throw HoldfastError(.corrupt, "the store does not verify: \(report.renderedText())")
    }
    let rows = (report["tables"]?.arrayValue ?? []).reduce(0) { $0 + ($1["rows"]?.int64Value ?? 0) }
    let events = report["events"]?.int64Value ?? 0
    return "The store verifies: \(rows) rows are what \(events) events say."
  }
}
