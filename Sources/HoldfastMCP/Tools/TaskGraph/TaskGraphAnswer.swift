internal import HoldfastJSON
internal import HoldfastModel

/// Answers in the form of the task graph's tools.
enum TaskGraphAnswer {
  /// Members of an object under their own names, null where there is nothing.
  static func part(_ keys: [String], of object: JSON) -> [(String, JSON)] {
    keys.map { ($0, object[$0] ?? nil) }
  }

  /// Members of an object that are there.
  static func given(_ keys: [String], of object: JSON) -> [(String, JSON)] {
    keys.compactMap { key in object[key].map { (key, $0) } }
  }

  /// A time in milliseconds since 1970; null for none.
  static func milliseconds(_ time: JSON?) -> JSON {
    guard let text = time?.stringValue, let time = try? Timestamp.parse(text) else { return nil }
    return .number(JSONNumber(time.nanoseconds / 1_000_000))
  }

  static func title(of task: JSON) -> JSON { task["title"] ?? task["filename"] ?? nil }

  /// The status of a task among the five.
  static func status(of task: JSON) -> JSON {
    let name = task["category"]?.stringValue
    let category =
      StatusCategory.allCases.first { $0.name == name }
      ?? Workflow.standard.category(TaskStatus(stored: task["status"]?.stringValue ?? ""))
    return .string(GraphState(category).word.text)
  }

  /// What else there is to say of a change: what followed from it.
  static let consequences = ["unblocked", "failed", "warnings"]

  /// Where the next page starts.
  static func end(of answer: JSON) -> [(String, JSON)] {
    given(["has_more", "next_cursor"], of: answer)
  }

  static func isMarkdown(_ given: JSONObject) -> Bool { given["format"] == "markdown" }

  static func markdown(_ text: String) -> JSONObject {
    JSONObject([("format", "markdown"), ("content", .string(text))])
  }

  fileprivate static func agent(_ agent: JSON) -> JSON {
    .object(
      JSONObject(
        part(["id", "name", "tags", "max_claims", "claim_count", "current_thought"], of: agent) + [
          ("registered_at", milliseconds(agent["registered_at"])),
          ("last_heartbeat", milliseconds(agent["last_heartbeat"] ?? agent["registered_at"])),
        ]))
  }

  /// Bytes as the contract has them: a text, or the Base64 of what is none.
  fileprivate static func content(_ value: JSON) -> JSON { value["base64"] ?? value }
}

extension ToolAnswer {
  // MARK: Agents

  static let connected = ToolAnswer { answer in
    JSONObject(
      [("agent_id", answer["id"] ?? nil)]
        + TaskGraphAnswer.part(["name", "tags", "max_claims"], of: answer)
        + [("registered_at", TaskGraphAnswer.milliseconds(answer["registered_at"]))])
  }

  static let graphAgents = ToolAnswer(of: { answer, given in
    let agents = (answer["agents"]?.arrayValue ?? []).map(TaskGraphAnswer.agent)
    if TaskGraphAnswer.isMarkdown(given) {
      return TaskGraphAnswer.markdown(TaskGraphMarkdown.text(ofAgents: agents))
    }
    return JSONObject([("agents", .array(agents))] + TaskGraphAnswer.end(of: answer))
  })

  // MARK: Tasks

  static let graphCreated = ToolAnswer { answer in
    JSONObject(
      [
        ("task_id", answer["id"] ?? nil), ("parent_id", answer["parent"] ?? nil),
        ("title", TaskGraphAnswer.title(of: answer)),
        ("status", TaskGraphAnswer.status(of: answer)),
        ("priority", answer["priority"] ?? "medium"),
        ("created_at", TaskGraphAnswer.milliseconds(answer["created_at"])),
      ] + TaskGraphAnswer.given(["priority_value", "warnings"], of: answer))
  }

  /// A task with all of its columns.
  static let graphTask = ToolAnswer(of: { answer, given in
    TaskGraphAnswer.isMarkdown(given)
      ? TaskGraphAnswer.markdown(TaskGraphMarkdown.text(of: answer)) : object(of: answer)
  })

  static let graphTasks = ToolAnswer(of: { answer, given in
    TaskGraphAnswer.isMarkdown(given)
      ? TaskGraphAnswer.markdown(TaskGraphMarkdown.text(ofTasks: answer)) : object(of: answer)
  })

  /// A success, with the numbers and what followed.
  static let graphSuccess = ToolAnswer { answer in
    JSONObject(
      [("success", true)]
        + TaskGraphAnswer.given(
          [
            "updated_count", "time_actual_ms", "tokens_in", "tokens_cached", "tokens_out",
            "tokens_thinking", "tokens_image", "tokens_audio", "cost_usd", "user_metrics",
          ].filter { _ in answer["id"] == nil } + TaskGraphAnswer.consequences + ["files_left"],
          of: answer))
  }

  static let graphClaim = ToolAnswer { answer in
    let task = answer["task"] ?? [:]
    let shown: JSON = [
      "id": task["id"] ?? nil, "title": TaskGraphAnswer.title(of: task),
      "status": TaskGraphAnswer.status(of: task), "owner_agent": task["owner_agent"] ?? nil,
      "claimed_at": TaskGraphAnswer.milliseconds(task["claimed_at"]),
    ]
    return JSONObject(
      [("success", true), ("task", shown)]
        + TaskGraphAnswer.given(["fence", "already_held"], of: answer)
        + [("lease_expires_at", TaskGraphAnswer.milliseconds(answer["lease_expires_at"]))])
  }

  static let graphEnded = ToolAnswer { task in
    let shown: JSON = [
      "id": task["id"] ?? nil, "title": TaskGraphAnswer.title(of: task),
      "status": TaskGraphAnswer.status(of: task),
      "completed_at": TaskGraphAnswer.milliseconds(task["completed_at"]),
    ]
    return JSONObject(
      [("success", true), ("task", shown)]
        + TaskGraphAnswer.given(TaskGraphAnswer.consequences, of: task))
  }

  // MARK: Files

  static let graphLock = ToolAnswer { answer in
    guard answer["acquired"] == false else {
      let fence = answer["locks"]?.arrayValue?.first?["fence"]
      return JSONObject(
        [("success", true), ("acquired", true)] + (fence.map { [("fence", $0)] } ?? []))
    }
    return JSONObject(
      [("success", true)]
        + TaskGraphAnswer.given(["warning", "locked_by", "acquired"], of: answer))
  }

  static let graphLocks = ToolAnswer { answer in
    let locks = answer["locks"]?.arrayValue ?? []
    return JSONObject(
      [
        (
          "locks",
          .object(
            JSONObject(locks.map { ($0["path"]?.stringValue ?? "", $0["agent"] ?? nil) }))
        ), ("details", .array(locks.map { .object(lock($0, with: ["reason", "task", "fence"])) })),
      ] + TaskGraphAnswer.end(of: answer))
  }

  /// The locks as the resource has them.
  static let lockRows = ToolAnswer { answer in
    JSONObject(
      [("locks", .array((answer["locks"]?.arrayValue ?? []).map { .object(lock($0)) }))]
        + TaskGraphAnswer.end(of: answer))
  }

  private static func lock(_ lock: JSON, with more: [String] = []) -> JSONObject {
    JSONObject(
      [
        ("file_path", lock["path"] ?? nil), ("agent_id", lock["agent"] ?? nil),
        ("locked_at", TaskGraphAnswer.milliseconds(lock["locked_at"])),
      ] + TaskGraphAnswer.given(more, of: lock))
  }

  static let graphNews = ToolAnswer { answer in
    let events = answer["events"]?.arrayValue ?? []
    func claims(_ kind: JSON, _ time: String) -> JSON {
      .array(
        events.filter { $0["event"] == kind }.map { event in
          [
            "file": event["path"] ?? nil, "agent": event["agent"] ?? nil,
            "reason": event["reason"] ?? nil, time: TaskGraphAnswer.milliseconds(event["at"]),
          ]
        })
    }
    return JSONObject(
      [
        ("new_claims", claims("claimed", "claimed_at")),
        ("dropped_claims", claims("released", "dropped_at")),
        ("sequence", answer["sequence"] ?? nil),
      ] + (answer["has_more"] == true ? [("has_more", true)] : []))
  }

  // MARK: Attachments

  static let graphAttached = ToolAnswer { answer in
    JSONObject(TaskGraphAnswer.given(["task_id", "order_index", "file_path"], of: answer))
  }

  static let graphAttachments = ToolAnswer { answer in
    let attachments = (answer["attachments"]?.arrayValue ?? []).map { attachment -> JSON in
      .object(
        JSONObject(
          TaskGraphAnswer.given(["task_id", "order_index", "name", "mime_type"], of: attachment)
            + (attachment["content"].map { [("content", TaskGraphAnswer.content($0))] } ?? [])
            + [("created_at", TaskGraphAnswer.milliseconds(attachment["created_at"]))]
            + TaskGraphAnswer.given(["file_path", "type"], of: attachment)))
    }
    return JSONObject([("attachments", .array(attachments))] + TaskGraphAnswer.end(of: answer))
  }
}
