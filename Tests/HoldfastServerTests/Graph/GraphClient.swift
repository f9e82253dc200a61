import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// A server, and short words for what the tests of the task graph ask it.
struct GraphClient {
  let server: TestServer
  var client: HTTPClient { server.client }
  let tasks = "/v1/projects/p/tasks"

  init(clock: TestClock? = nil, folders: [ProjectName: String] = [:]) throws {
    server = try TestServer(folders: folders) { clock?.install(in: &$0) }
  }

  func connect(_ agent: String, at location: SourceLocation = #_sourceLocation) {
    let answer = client.post("/v1/agents", #"{"agent":"\#(agent)"}"#)
    #expect(answer.status == 201, "\(answer.text)", sourceLocation: location)
  }

  /// Claims a task and gives the fence.
  @discardableResult
  func claim(
    _ task: String, for agent: String, at location: SourceLocation = #_sourceLocation
  ) -> Int64 {
    let answer = client.post(
      "/v1/projects/p/claims", #"{"agent":"\#(agent)","task":"\#(task)"}"#)
    #expect(answer.status == 200, "\(answer.text)", sourceLocation: location)
    return answer.json?["fence"]?.int64Value ?? 0
  }

  /// Creates a task and gives its id.
  @discardableResult
  func create(
    _ title: String, _ fields: String = "", at location: SourceLocation = #_sourceLocation
  )
    -> String
  {
    let body = #"{"title":"\#(title)""# + (fields.isEmpty ? "" : ",\(fields)") + "}"
    let answer = client.post(tasks, body)
    #expect(answer.status == 201, "\(answer.text)", sourceLocation: location)
    return answer.json?["id"]?.stringValue ?? "?"
  }

  @discardableResult
  func end(
    _ task: String, _ how: String = "complete", _ body: String = "{}",
    at location: SourceLocation = #_sourceLocation
  ) -> JSON? {
    let answer = client.post("\(tasks)/\(task)/\(how)", body)
    #expect(answer.status == 200, "\(answer.text)", sourceLocation: location)
    return answer.json
  }

  func unblocked(_ answer: JSON?) -> [String] {
    answer?["unblocked"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  func get(_ task: String) -> JSON? { client.get("\(tasks)/\(task)").json }

  /// Whether a task can be claimed, as its row says.
  func isReady(_ task: String) throws -> Bool {
    let row = try #require(server.store.facts.ids.row(id: .init(stored: task)))
    return try server.store.database.read { view in
      try view.exists(
        .init("SELECT 1 FROM tasks WHERE id = ?1 AND ready IS NOT NULL"), [.int(row)])
    }
  }

  /// Those of the tasks that can be claimed.
  func ready(_ tasks: [String]) throws -> [String] { try tasks.filter(isReady) }
}
