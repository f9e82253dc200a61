import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Every operation with everything that one of its fields may get: both engines say the same and hold
/// the same afterwards.
@Suite struct EngineAgreementTests {
  /// A store on each engine, where time stands still.
  private let sides: [TestStore]

  init() throws {
    sides = try TestStore.Engine.allCases.map { engine in
      try TestStore(on: engine, key: Array(1...16)) { $0.wallClock = { 1_700_000_000_000_000_000 } }
    }
  }

  /// What was said to a request.
  private enum Said: Equatable, CustomStringConvertible {
    case answer(JSON)
    case refusal(code: String, sentence: String)

    var isAnswer: Bool { if case .answer = self { true } else { false } }
    var description: String {
      switch self {
      case .answer(let json): String(json.renderedText().prefix(300))
      case .refusal(let code, let sentence): "\(code): \(sentence.prefix(300))"
      }
    }
  }

  private func say(_ entry: OperationEntry, _ members: [(String, JSON)], to store: Store) throws
    -> Said
  {
    do {
      let answer =
        entry.isMutation
        ? try store.mutate(entry.name, members) : try store.list(entry.name, members)
      return .answer(comparable(answer))
    } catch let error as HoldfastError {
      return .refusal(code: error.code.name, sentence: error.message)
    }
  }

  /// Without what each store draws for itself: ids hang on its key, and numbers of rows on the writes
  /// that were undone.
  private func comparable(_ json: JSON) -> JSON {
    switch json {
    case .array(let elements): .array(elements.map(comparable))
    case .object(let object):
      .object(
        JSONObject(
          object.members.filter { member in
            // The events name their task by its id.
            !Self.drawn.contains(member.key) && !(member.key == "task" && object["seq"] != nil)
          }.map { ($0.key, comparable($0.value)) }))
    default: json
    }
  }

  /// What takes away what the next request is about.
  private static let taking: Set = [
    "project_delete", "project_rename", "task_delete", "task_rename", "signal_claim",
    "signal_processed", "signal_apply", "signal_purge",
  ]

  private static let drawn: Set = ["id", "claim_token", "cursor", "next_cursor", "task_id", "rank"]

  /// A text of so many bytes that no compression makes short.
  private static func noise(_ count: Int) -> String {
    var random = SeededGenerator(seed: UInt64(count))
    return String(
      decoding: (0..<count).map { _ in UInt8.random(in: 0x61...0x7a, using: &random) },
      as: UTF8.self)
  }

  private static let values: [(name: String, value: JSON)] = {
    let texts = [
      "", " ", "\u{0}", "a\u{0}b", "a\u{1}\u{7f}b\n\t", "é", "e\u{301}", "\u{feff}x", "\u{ffff}",
      "\u{fffd}", "\u{10ffff}", "\u{202e}x", "💩", "%", "_", "100%_\\", "'", "\"", "?1", "$1", "\\",
      "\\000", "\\x41", "NULL", "null", "true", "0", "-1", "1e3", "NaN", "infinity", "-infinity",
      "now", "epoch", "t", "T", "t.md", "../t", "done", "DONE", "web", "plan_start", "\u{212a}",
      "0001-01-01T00:00:00Z", "1677-09-21T00:12:43.145224192Z", "1970-01-01T00:00:00Z",
      "2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775808Z",
      "9999-12-31T23:59:59.999999999Z", "2026-02-30T00:00:00Z", "9223372036854775807",
    ]
    let numbers = [
      "0", "-0", "1", "-1", "1.0", "1.5", "1e2", "1e400", "-1e400", "2147483647", "2147483648",
      "-2147483649", "9007199254740993", "9223372036854775806", "9223372036854775807",
      "-9223372036854775807", "-9223372036854775808", "9223372036854775808",
      "-9223372036854775809", "123456789012345678901234567890",
    ]
    let others = [
      "null", "true", "false", "[]", "{}", "[null]", #"["\u0000"]"#, #"["x","x"]"#, "[[]]",
      #"[{"":""}]"#, #"{"base64":"AAEC/w=="}"#, #"{"base64":"!"}"#, #"{"\u0000":"\u0000"}"#,
    ]
    return texts.map { ("the text \($0.debugDescription)", .string($0)) }
      + [255, 256, 3_000, 9_000].map {
        ("a text of \($0) bytes", .string(noise($0)))
      }
      + (numbers + others).compactMap { text in
        (try? JSONReader.read(Array(text.utf8))).map { (text, $0) }
      }
  }()

  /// A value that nobody objects to.
  private func usual(_ name: String, _ schema: FieldSchema, signal: JSON) -> JSON {
    switch name {
    case "project": return "p"
    case "task", "filename", "plan_file", "link": return "t"
    case "id": return signal
    case "review_id", "task_number", "limit": return 1
    case "status": return "done"
    case "event", "signal_type": return "plan_start"
    default: break
    }
    switch schema {
    case .text(_, let choices, _, _): return .string(choices.first ?? "x")
    case .integer(let min, _): return .number(JSONNumber(max(min, 1)))
    case .amount: return 1
    case .boolean: return true
    case .bytes: return "text"
    case .list, .any: return []
    case .either(let schemas): return usual(name, schemas.first ?? .any, signal: signal)
    case .object(let object):
      return .object(
        JSONObject(
          object.fields.filter(\.isRequired).map {
            ($0.name, usual($0.name, $0.schema, signal: signal))
          }))
    }
  }

  /// The value itself, and in each place inside of what the schema asks for.
  private func places(_ value: JSON, _ schema: FieldSchema, signal: JSON) -> [JSON] {
    switch schema {
    case .list(let element):
      return [value] + places(value, element, signal: signal).map { .array([$0]) }
    case .object(let object):
      return [value]
        + object.fields.flatMap { field in
          places(value, field.schema, signal: signal).map { inner -> JSON in
            guard case .object(var whole) = usual("", schema, signal: signal) else { return inner }
            whole.set(field.name, inner)
            return .object(whole)
          }
        }
    case .either(let schemas):
      return schemas.flatMap { places(value, $0, signal: signal) }
    default: return [value]
    }
  }

  /// Makes sure of a task with rows of all kinds; gives the number of a new signal on each side.
  private func prepare() throws -> [JSON] {
    try sides.map { side in
      for (name, members) in [
        ("task_create", [("filename", "t"), ("content", "# T\n\n## Wave 1\n\n### Task 1: one\n")]),
        ("topic_create", [("name", "web")]),
      ] as [(String, [(String, JSON)])] {
        do {
          try side.store.mutate(name, [("project", "p")] + members)
        } catch let error as HoldfastError where error.code.httpStatus == 409 {
          // It is there still.
        }
      }
      try side.store.mutate(
        "pr_review_record", [("project", "p"), ("task", "t"), ("review_id", 1)])
      return try side.store.mutate(
        "signal_create", [("project", "p"), ("signal_type", "plan_start"), ("plan_file", "t")])[
          "id"]
        ?? .null
    }
  }

  /// One run for each operation would make a database each time.
  @Test(.disabled(if: TestStore.Engine.wanted == .postgresql, "it runs over both engines"))
  func `whatever a field gets, both engines say the same`() throws {
    var signals = try prepare()
    for entry in OperationCatalog.all {
      let fields = entry.input().fields
      for field in fields {
        signals = try prepare()
        for (name, value) in Self.values {
          let count = places(value, field.schema, signal: .null).count
          for place in 0..<count {
            let said = try zip(sides, signals).map { side, signal in
              let members = fields.filter { $0.isRequired || $0.name == field.name }.map { other in
                (
                  other.name,
                  other.name == field.name
                    ? places(value, field.schema, signal: signal)[place]
                    : usual(other.name, other.schema, signal: signal)
                )
              }
              return try say(entry, members, to: side.store)
            }
            #expect(said[0] == said[1], "\(entry.name), \(field.name): \(name), place \(place)")
            if case .refusal("internal_error", let sentence) = said[0] {
              Issue.record("\(entry.name), \(field.name): \(name): \(sentence)")
            }
            if Self.taking.contains(entry.name), said[0].isAnswer || said[1].isAnswer {
              signals = try prepare()
            }
          }
        }
      }
    }
    try compareRows()
  }

  private func compareRows() throws {
    for (table, columns) in [
      (
        "tasks",
        "filename, status, description, topic, goal, branch, revision, linear_issue_id, title, "
          + "priority, category, ready, rights, open_blockers, open_children"
      ), ("dependencies", "task, blocker, type, on_failure"),
      ("subtasks", "number, title, status"), ("topics", "name"),
      ("signals", "plan_file, type, payload, status, claimed_by, result, attempts"),
      ("pr_reviews", "review_id, review_state, review_body, reviewer_login, url"),
      ("events", "seq, type, actor, at, content"),
      (
        "costs",
        "task, agent, at, duration_ms, tokens_in, tokens_cached, tokens_out, tokens_thinking, "
          + "tokens_image, tokens_audio, cost_micros"
      ), ("comments", "task, author, at, body, edited_at, deleted_at"),
      ("task_output", "task, type, at, source, body"),
    ] {
      let order = table == "events" ? "seq" : "id"
      let rows = try sides.map { side in
        try side.database.read {
          try $0.all(SQL("SELECT \(columns) FROM \(table) ORDER BY \(order)"), []) { row in
            (0..<row.columnCount).map { row.value($0) }
          }
        }
      }
      let isSame = rows[0] == rows[1]
      #expect(isSame, "\(table): \(rows[0].count) and \(rows[1].count) rows")
    }
  }
}
