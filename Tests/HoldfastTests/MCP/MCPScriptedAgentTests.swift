import HoldfastJSON
import HoldfastTesting
import Testing

/// An agent that knows what a client tells it and nothing else: the instructions, the definitions of the
/// tools, and what calls answer.
///
/// It understands of a text which tools and arguments it names, and no more.
private struct ScriptedAgent {
  let mcp: MCPProcess
  /// The tools that the instructions number, in their order.
  let steps: [String]
  /// The arguments of each tool, and which of them it cannot do without.
  let arguments: [String: [String]]
  let required: [String: [String]]

  struct Call {
    var tool: String
    var arguments: JSONObject

    init(_ tool: String, _ arguments: JSON = [:]) {
      self.tool = tool
      self.arguments = arguments.objectValue ?? JSONObject()
    }
  }

  init(_ mcp: MCPProcess) throws {
    self.mcp = mcp
    let meta = """
      {"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
      "io.modelcontextprotocol/clientCapabilities":{}}}
      """
    let discovered = try mcp.request("server/discover", meta)
    let listed = try mcp.request("tools/list", meta)
    let tools = listed["result"]?["tools"]?.arrayValue ?? []
    var arguments: [String: [String]] = [:]
    var required: [String: [String]] = [:]
    for tool in tools {
      let schema = tool["inputSchema"]
      let name = tool["name"]?.stringValue ?? ""
      arguments[name] = schema?["properties"]?.objectValue?.members.map(\.key) ?? []
      required[name] = schema?["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
    self.arguments = arguments
    self.required = required
    let instructions = discovered["result"]?["instructions"]?.stringValue ?? ""
    steps = instructions.split(separator: "\n").compactMap { line in
      guard line.first?.isNumber == true else { return nil }
      return Self.words(line).first { arguments[$0] != nil }
    }
  }

  /// The words of a text; an underscore belongs to a word.
  static func words(_ text: some StringProtocol) -> [String] {
    String(text)
      .split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }).map(String.init)
  }

  /// Makes a call; gives its answer, and whether it was refused.
  func make(_ call: Call) throws -> (answer: JSON, isRefused: Bool) {
    let result = try mcp.result(of: call.tool, .object(call.arguments))
    #expect(result["content"]?.arrayValue?.first?["text"]?.stringValue?.isEmpty == false)
    return (result["structuredContent"] ?? .null, result["isError"] != nil)
  }

  /// The call that a refusal names: the tool in it, or the same one, with the arguments that it speaks of.
  func next(after call: Call, _ refusal: JSON) -> Call? {
    let text = refusal["suggestion"]?.stringValue ?? refusal["message"]?.stringValue ?? ""
    let words = Self.words(text)
    // "did you mean "task"?" speaks of the argument in the field.
    if let field = refusal["field"]?.stringValue, let mean = words.firstIndex(of: "mean"),
      words.indices.contains(mean + 1), let value = call.arguments[field]
    {
      var corrected = call
      corrected.arguments.members.removeAll { $0.key == field }
      corrected.arguments.set(words[mean + 1], value)
      return corrected
    }
    var made = call
    if let tool = words.first(where: { arguments[$0] != nil }) {
      made.tool = tool
      let known = arguments[tool] ?? []
      made.arguments.members.removeAll { !known.contains($0.key) }
    }
    for (word, name) in zip(words, words.dropFirst())
    where arguments[made.tool]?.contains(name) == true {
      switch word {
      case "without": made.arguments.members.removeAll { $0.key == name }
      case "pass", "with": if made.arguments[name] == nil { made.arguments.set(name, true) }
      default: break
      }
    }
    return made.tool == call.tool && made.arguments == call.arguments ? nil : made
  }
}

/// The instructions, definitions and refusals are enough to work with.
@Suite struct MCPScriptedAgentTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  @Test func `the instructions lead through a task in five calls`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    try mcp.call("task_create", ["title": "Write it", "content": "In shop.swift."])
    let agent = try ScriptedAgent(mcp)
    #expect(agent.steps.prefix(4) == ["orient", "task_claim", "task_note", "task_complete"])
    // What it has learnt so far, by the names of arguments.
    var known = JSONObject([
      ("text", "The key is under the mat."), ("reason", "It is in shop.swift."),
    ])
    var last = JSON.null
    for step in agent.steps.prefix(4) {
      var call = ScriptedAgent.Call(step)
      for name in agent.arguments[step] ?? [] {
        if step == "task_claim" { break }
        if let value = known[name] { call.arguments.set(name, value) }
      }
      for name in agent.required[step] ?? [] {
        #expect(call.arguments[name] != nil, "\(step) needs \(name), and nobody said it")
      }
      let (answer, isRefused) = try agent.make(call)
      #expect(!isRefused, "\(step): \(answer.renderedText())")
      if let task = answer["task"]?["id"] { known.set("task", task) }
      if let fence = answer["fence"] { known.set("fence", fence) }
      last = answer
    }
    #expect(last["status"] == "completed")
    #expect(try mcp.call("orient")["summary"]?["by_status"]?["completed"] == 1)
  }

  @Test func `each refusal names the call that goes on`() throws {
    let other = try MCPProcess(home, agent: "bob")
    let mcp = try MCPProcess(home, agent: "ann")
    try mcp.call(
      "task_create_tree",
      [
        "tree": [
          "title": "all", "id": "all",
          "children": [
            ["title": "first", "id": "first"], ["title": "second", "id": "second"],
          ],
        ]
      ])
    try mcp.call("task_create", ["title": "a", "id": "tagged", "needed_tags": ["gpu"]])
    for number in 0..<12 {
      try mcp.call("task_create", ["title": "b", "id": .string("n\(number)")])
    }
    try other.call("task_claim", ["task": "first"])
    let held = try mcp.call("task_claim", ["task": "n0"])
    let agent = try ScriptedAgent(mcp)

    /// Makes a call that is refused with this code, and then what the refusals name, until one is not.
    func recover(_ tool: String, _ arguments: JSON, _ code: String) throws {
      var call = ScriptedAgent.Call(tool, arguments)
      var (answer, isRefused) = try agent.make(call)
      #expect(isRefused && answer["code"] == .string(code), "\(tool): \(answer.renderedText())")
      for _ in 0..<3 where isRefused {
        guard let next = agent.next(after: call, answer) else { break }
        call = next
        (answer, isRefused) = try agent.make(call)
      }
      #expect(!isRefused, "after \(code): \(answer.renderedText())")
    }

    try recover("task_claim", ["task": "first"], "ALREADY_CLAIMED")
    try recover("task_claim", ["task": "second"], "DEPENDENCY_NOT_SATISFIED")
    try recover("task_claim", ["task": "tagged"], "TAG_MISMATCH")
    try recover("task_get", ["task": "no-such"], "TASK_NOT_FOUND")
    try recover("task_get", ["tsk": "n0"], "UNKNOWN_FIELD")
    try recover("task_get", ["task_id": "n0"], "UNKNOWN_FIELD")
    try recover("task_create", ["titel": "c"], "UNKNOWN_FIELD")
    try recover("task_complete", ["task": "n0", "fence": 1], "NOT_OWNER")
    try recover("task_complete", ["task": "first"], "NOT_OWNER")
    try recover("task_complete", ["task": "all", "force": false], "NOT_OWNER")
    try mcp.call("task_complete", ["task": "n0", "fence": held["fence"] ?? .null])
    // It holds three of the tasks that it was led to; two more are its limit.
    for _ in 0..<2 { try mcp.call("task_claim") }
    try recover("task_claim", [:], "CLAIM_LIMIT")
  }

  @Test func `what must be given is said by its name`() throws {
    let mcp = try MCPProcess(home, agent: "ann")
    let agent = try ScriptedAgent(mcp)
    for (tool, names) in agent.required {
      for name in names {
        let (answer, isRefused) = try agent.make(ScriptedAgent.Call(tool))
        #expect(isRefused, "\(tool) needs \(name)")
        #expect(
          answer["message"]?.stringValue.map(ScriptedAgent.words)?.contains(name) == true
            || names.count > 1, "\(tool): \(answer.renderedText())")
      }
    }
    #expect(agent.required["task_create"] == ["title"])
  }
}
