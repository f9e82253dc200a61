import HoldfastJSON
import HoldfastTesting

/// One request of a random history.
enum TaskStep {
  case create(String, ModelFields)
  case restore(String)
  case createTopic(String)
  case change(String, TaskChange)

  /// The request that asks for it.
  var request: Request {
    switch self {
    case .create(let name, let fields):
      Request("POST", "tasks", fields.json(filename: name))
    case .restore(let name): Request("POST", "tasks/\(escaped(name))/restore")
    case .createTopic(let name): Request("POST", "topics", ["name": .string(name)])
    case .change(let name, let change):
      change.request(of: name, at: "tasks/\(escaped(name))")
    }
  }

  /// The task that it is about.
  var task: String? {
    switch self {
    case .create(let name, _), .restore(let name), .change(let name, _):
      TaskModel.normalised(name)
    case .createTopic: nil
    }
  }
}

/// A change of a task that is there.
enum TaskChange {
  case delete
  case rename(String, isVerbatim: Bool)
  case replace(ModelFields)
  case patch(ModelFields)
  case content(ModelPlan)
  case subtasks([(number: Int64, title: String, status: String)])
  case subtaskStatus(Int64, String)
  case goal(String)
  case phaseTime(String, Int64?)
  case reviewCycle
  case transition(String)
  case override(String)
  case execution(ModelExecution)
  case block(String)
  case unblock
  case prURL(String)
  case prState(String, String)
  case review(Int64, String)
  case reacted(Int64)
  case dispatched(Int64)
  case topic(String)

  var answersEntry: Bool {
    switch self {
    case .rename, .replace, .patch, .content, .goal, .transition, .override, .topic: true
    default: false
    }
  }

  var answersCreated: Bool {
    if case .review = self { true } else { false }
  }

  func request(of name: String, at path: String) -> Request {
    switch self {
    case .delete: Request("DELETE", path)
    case .rename(let new, let isVerbatim):
      Request(
        "POST", "\(path)/rename", ["new_filename": .string(new), "verbatim": .bool(isVerbatim)])
    case .replace(let fields): Request("PUT", path, fields.json(filename: name))
    case .patch(let fields): Request("PATCH", path, fields.json(filename: nil))
    case .content(let plan): Request("PUT", "\(path)/content", text: plan.text)
    case .goal(let goal): Request("PUT", "\(path)/goal", ["goal": .string(goal)])
    case .phaseTime(let phase, let time):
      Request(
        "PUT", "\(path)/phase-timestamp",
        ["phase": .string(phase), "timestamp": ModelTask.time(time)])
    case .reviewCycle: Request("POST", "\(path)/increment-review-cycle")
    case .transition(let event): Request("POST", "\(path)/transition", ["event": .string(event)])
    case .override(let target): Request("PUT", "\(path)/status", ["target": .string(target)])
    case .execution(let state): Request("PUT", "\(path)/execution-state", state.json)
    case .block(let reason):
      Request("PUT", "\(path)/blocked", ["reason": .string(reason), "source": "test"])
    case .unblock: Request("DELETE", "\(path)/blocked")
    case .topic(let topic): Request("PUT", "\(path)/topic", ["topic": .string(topic)])
    case .subtasks(let list):
      Request(
        "PUT", "\(path)/subtasks",
        .array(
          list.map {
            [
              "task_number": .number(JSONNumber($0.number)), "title": .string($0.title),
              "status": .string($0.status),
            ]
          }))
    case .subtaskStatus(let number, let status):
      Request("PUT", "\(path)/subtasks/\(number)/status", ["status": .string(status)])
    case .prURL(let url): Request("PUT", "\(path)/pr-url", ["pr_url": .string(url)])
    case .prState(let decision, let checks):
      Request(
        "PUT", "\(path)/pr-state",
        ["pr_review_decision": .string(decision), "pr_check_status": .string(checks)])
    case .review(let id, let body):
      Request(
        "POST", "\(path)/pr-reviews",
        [
          "review_id": .number(JSONNumber(id)), "review_state": "COMMENTED",
          "review_body": .string(body), "reviewer_login": "ada",
        ])
    case .reacted(let id): Request("POST", "\(path)/pr-reviews/\(id)/reacted")
    case .dispatched(let id): Request("POST", "\(path)/pr-reviews/\(id)/fixer-dispatched")
    }
  }
}

/// A request of project `p`.
struct Request: CustomStringConvertible {
  let method: String
  let path: String
  let body: [UInt8]

  init(_ method: String, _ path: String, _ body: JSON) {
    self.init(method, path, text: body.renderedText())
  }

  init(_ method: String, _ path: String, text: String = "") {
    self.method = method
    self.path = "/v1/projects/p/\(path)"
    body = Array(text.utf8)
  }

  var description: String { "\(method) \(path) \(String(decoding: body, as: UTF8.self))" }

  func send(_ client: HTTPClient, _ headers: [(String, String)] = []) -> HTTPClient.Answer {
    client.send(method, path, body: body, headers: headers)
  }
}

extension ModelFields {
  func json(filename: String?) -> JSON {
    var object = JSONObject()
    if let filename { object.set("filename", .string(filename)) }
    for (key, text) in texts { object.set(key, .string(text)) }
    for (key, time) in times { object.set(key, ModelTask.time(time == 0 ? nil : time)) }
    if let reviewCycle { object.set("review_cycle", .number(JSONNumber(reviewCycle))) }
    if let execution { object.set("execution_state", execution.json) }
    if let plan { object.set("content", .string(plan.text)) }
    return .object(object)
  }
}

extension ModelExecution {
  var json: JSON {
    [
      "execution_phase": .string(phase), "active_agent_type": .string(agent),
      "active_wave": .number(JSONNumber(wave)),
    ]
  }
}

/// A name as a part of a path.
func escaped(_ name: String) -> String {
  name.utf8.map { byte in
    let isPlain =
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    let hex = String(byte, radix: 16, uppercase: true)
    return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
  }.joined()
}
