import HoldfastJSON
import HoldfastModel
import HoldfastServer
import HoldfastStore
import HoldfastTesting
import Testing

/// Random histories of a project's tasks over HTTP, each answer compared with a model's.
@Suite struct TaskHistoryTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `every answer is the model's`(seed: UInt64) throws {
    var history = try TaskHistory(seed: seed)
    for number in 0..<400 {
      history.step()
      if number.isMultiple(of: 40) { history.compareLists() }
      // What follows a first fault says nothing.
      guard history.faults.isEmpty else { break }
    }
    history.compareLists()
    let last = history.log.suffix(12).joined(separator: "\n")
    #expect(history.faults == [], "seed \(seed), after:\n\(last)")
    #expect(history.done > 100 && history.refused > 50)
    #expect(history.conditions > 10 && history.repeats > 10)
    #expect(try Verify().run(on: history.server.store).problems == [])
  }
}

/// A server and the model beside it.
private struct TaskHistory {
  let server: TestServer
  private let clock = TestClock()
  private var model: TaskModel
  private var steps: RandomTaskSteps
  /// The revision of each task as it was seen last, and some that are gone.
  private var tags: [String: String] = [:]
  private var oldTags: [String: String] = [:]

  var faults: [String] = []
  var log: [String] = []
  var done = 0
  var refused = 0
  var conditions = 0
  var repeats = 0

  private var client: HTTPClient { server.client }
  private let project = "/v1/projects/p"

  init(seed: UInt64) throws {
    var settings = StoreSettings()
    settings.verifiesAfterReview = !seed.isMultiple(of: 2)
    let clock = clock
    server = try TestServer(settings: settings) { clock.install(in: &$0) }
    model = TaskModel(verifiesAfterReview: settings.verifiesAfterReview)
    steps = RandomTaskSteps(seed: seed)
  }

  private mutating func expect(_ isSo: Bool, _ fault: @autoclosure () -> String) {
    if !isSo { faults.append(fault()) }
  }

  private var lastEvent: Int64? { client.get("/v1/health").json?["last_seq"]?.int64Value }

  mutating func step() {
    let step = steps.next()
    clock.advance(seconds: Int64(steps.below(50)))
    let request = step.request
    log.append("\(request)")
    let before = lastEvent
    var next = model
    let expected = next.apply(step, at: clock.now)
    let isDone = (200..<300).contains(expected.status)
    if isDone, let task = step.task, let old = oldTags[task], case .change = step,
      steps.below(3) == 0
    {
      let answer = request.send(client, [("If-Match", old)])
      expect(answer.status == 412, "\(answer.status) for the revision \(old)")
      expect(lastEvent == before, "a refused revision left an event")
      conditions += 1
    }
    var headers: [(String, String)] = []
    if case .change = step, let tag = step.task.flatMap({ tags[$0] }), steps.below(3) == 0 {
      headers.append(("If-Match", tag))
    }
    let key = steps.below(4) == 0 ? "key \(log.count)" : nil
    if let key { headers.append(("Idempotency-Key", key)) }
    let answer = request.send(client, headers)
    if isDone { model = next }
    check(answer, expected)
    if isDone { done += 1 } else { refused += 1 }
    expect(isDone || lastEvent == before, "a refusal left an event")
    if let key, isDone { repeatOnce(request, headers, key, answer) }
    for name in Set([step.task, expected.entry].compactMap { $0 }) where !name.isEmpty {
      compare(name)
    }
  }

  /// The same request with the same key is answered and not done, another one is refused.
  private mutating func repeatOnce(
    _ request: Request, _ headers: [(String, String)], _ key: String, _ first: HTTPClient.Answer
  ) {
    clock.advance(seconds: 1)
    let before = lastEvent
    let again = request.send(client, headers)
    expect(again.status == first.status && again.body == first.body, "a repeat got \(again.text)")
    let other = client.post(
      "\(project)/topics", #"{"name":"other"}"#, headers: [("Idempotency-Key", key)])
    expect(other.status == 422, "\(other.status) for another request with the key")
    expect(lastEvent == before, "a repeat left an event")
    repeats += 1
  }

  private mutating func check(_ answer: HTTPClient.Answer, _ expected: TaskModel.Answer) {
    expect(
      answer.status == expected.status && answer.error.hasPrefix(expected.error)
        || answer.status == expected.otherStatus,
      "\(answer.status) \(answer.text), not \(expected.status) \(expected.error)")
    if let name = expected.entry { checkEntry(answer.json, name) }
  }

  private mutating func checkEntry(_ json: JSON?, _ name: String) {
    var found: [String: JSON] = [:]
    for member in json?.objectValue?.members ?? [] { found[member.key] = member.value }
    // The store makes these up, and the ingest warns.
    for key in ["id", "revision", "warnings"] { found[key] = nil }
    let wanted = model.tasks[name]?.entry(named: name) ?? [:]
    for key in Set(found.keys).union(wanted.keys).sorted() where found[key] != wanted[key] {
      faults.append(
        "\(key) of \(name) is \(found[key]?.renderedText() ?? "not there"), not "
          + (wanted[key]?.renderedText() ?? "nothing"))
    }
  }

  /// Compares one task and all that belongs to it.
  private mutating func compare(_ name: String) {
    let path = "\(project)/tasks/\(escaped(name))"
    let answer = client.get(path)
    guard let task = model.tasks[name] else {
      expect(answer.status == 404, "\(name) is there")
      expect(client.get("\(path)/pr-reviews/pending").text == "[]\n", "reviews of \(name)")
      tags[name] = nil
      oldTags[name] = nil
      return
    }
    checkEntry(answer.json, name)
    expect(client.get("\(path)/subtasks").json == task.subtaskList, "subtasks of \(name)")
    expect(
      client.get("\(path)/pr-reviews").json == task.reviewList(pendingOnly: false),
      "reviews of \(name)")
    expect(
      client.get("\(path)/pr-reviews/pending").json == task.reviewList(pendingOnly: true),
      "pending reviews of \(name)")
    expect(client.get("\(path)/content").text == task.plan.text, "content of \(name)")
    let tag = answer["ETag"] ?? ""
    expect(tag == "\"\(answer.json?["revision"]?.int64Value ?? 0)\"", "tag \(tag)")
    if let old = tags[name], old != tag { oldTags[name] = old }
    tags[name] = tag
  }

  /// Compares what lists say of the whole project.
  mutating func compareLists() {
    let sorted = model.tasks.keys.sorted {
      Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
    }
    let all = client.get("\(project)/tasks").json?.arrayValue ?? []
    expect(all.map { $0["filename"]?.stringValue ?? "" } == sorted, "the list of tasks")
    for entry in all { checkEntry(entry, entry["filename"]?.stringValue ?? "") }
    for status in ModelTask.statuses {
      for topic in ["", "one", "text 7"] {
        let query = "status=\(status)" + (topic.isEmpty ? "" : "&topic=\(escaped(topic))")
        let found = client.get("\(project)/tasks?\(query)").json?.arrayValue ?? []
        let wanted = sorted.filter {
          guard let task = model.tasks[$0] else { return false }
          return task.status == status && (topic.isEmpty || task.texts["topic"] == topic)
        }
        expect(found.map { $0["filename"]?.stringValue ?? "" } == wanted, "tasks with \(query)")
      }
    }
    // Those that were made, and those that tasks were created with.
    let used = Set(model.tasks.values.compactMap { $0.texts["topic"] }).subtracting([""])
    let known = used.union(model.topics.keys)
    let topics: [JSON] = known.sorted()
      .map { ["name": .string($0), "created_at": ModelTask.time(model.topics[$0])] }
    expect(client.get("\(project)/topics").json == .array(topics), "the topics")
  }
}
