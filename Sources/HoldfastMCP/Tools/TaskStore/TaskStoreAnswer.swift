internal import HoldfastJSON
internal import HoldfastModel

/// Answers in the form of the task store's tools.
enum TaskStoreAnswer {
  /// An object with the name of a task, and a member beside it.
  static func named(_ answer: JSON, _ more: (String, JSON)...) -> JSONObject {
    JSONObject([("filename", answer["filename"] ?? "")] + more)
  }

  /// What a line of a list says.
  fileprivate static let line = [
    "filename", "status", "description", "branch", "topic", "created_at",
  ]
  fileprivate static let link = [
    "linear_issue_id", "linear_identifier", "linear_url", "linear_team_key", "linear_project_id",
  ]

  fileprivate static func part(_ keys: [String], of object: JSON) -> [(String, JSON)] {
    keys.compactMap { key in object[key].map { (key, $0) } }
  }
}

extension ToolAnswer {
  /// A list of tasks without their texts, and where the next page starts when there is one.
  static let listed = ToolAnswer { answer in
    let tasks = answer["tasks"]?.arrayValue ?? []
    var object = JSONObject([
      (
        "tasks",
        .array(
          tasks.map { .object(JSONObject(TaskStoreAnswer.part(TaskStoreAnswer.line, of: $0))) })
      ), ("total", answer["total"] ?? .number(JSONNumber(Int64(tasks.count)))),
    ])
    if let cursor = answer["next_cursor"] {
      object.set("has_more", true)
      object.set("next_cursor", cursor)
    }
    return object
  }

  /// A task's text and nothing else.
  static let content: ToolAnswer = {
    var answer = ToolAnswer(of: { answer, fields throws in
      // Bytes that are no text show as U+FFFD.
      let bytes = try answer["content"].map { try BytesValue($0, field: FieldPosition("content")) }
      let text = bytes.map { String(decoding: $0.bytes, as: UTF8.self) }
      if let text, text.trimmed.isEmpty {
        let name = TaskFilename.normalised(fields["task"]?.stringValue ?? "")
        throw HoldfastError(.notFound, "no content stored for \(name)")
      }
      return JSONObject([("content", .string(text ?? ""))])
    })
    answer.textMember = "content"
    return answer
  }()

  /// A new task.
  static let created = ToolAnswer {
    TaskStoreAnswer.named($0, ("status", $0["status"] ?? ""), ("created", true))
  }

  /// A task that was changed, and what its writer should know.
  static let changed = ToolAnswer { answer in
    var object = TaskStoreAnswer.named(answer, ("updated", true))
    let warnings = answer["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
    if !warnings.isEmpty { object.set("warning", .string(warnings.joined(separator: "; "))) }
    return object
  }

  /// A task that an event has moved.
  static let moved = ToolAnswer(of: { answer, fields in
    var object = TaskStoreAnswer.named(answer, ("status", answer["status"] ?? ""))
    if fields["force"] == true { object.set("forced", true) }
    return object
  })

  /// A task and its issue in Linear; without one it says so.
  static let linked = ToolAnswer(of: { answer, fields in
    let link = TaskStoreAnswer.part(TaskStoreAnswer.link, of: answer)
    return JSONObject(
      [("project", fields["project"] ?? ""), ("filename", answer["filename"] ?? "")]
        + (link.isEmpty ? [("no_link", true)] : link))
  })

  /// A new signal.
  static let signal = ToolAnswer { answer in
    JSONObject([
      ("plan_file", answer["plan_file"] ?? ""), ("signal_type", answer["signal_type"] ?? ""),
      ("created", true), ("id", answer["id"] ?? nil),
    ])
  }
}
