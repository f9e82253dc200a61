import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// What is said about tasks, and what the work on them prints.
extension TaskCommand {
  static let comment = Command(
    "comment", summary: "Adds, changes, deletes and lists what people and agents say of a task.",
    subcommands: [commentAdd, commentEdit, commentDelete, commentList])

  private static let author = Option.text(
    "agent", "name", "Who says it: an agent or a person; else HOLDFAST_AGENT, else you.",
    hint: CompleteCommand.agents)
  private static let number = Argument.required("number", "The comment's number.")
  private static let limit = Option.integer(
    "limit", "n", "At most this many, a page.", in: 1...1000, defaultNote: "all")
  private static let cursor = Option.text("cursor", "cursor", "Where the page before ended.")

  private static func authorField(_ invocation: Invocation) -> [(String, JSON)] {
    invocation.agent.map { [("author", .string($0))] } ?? []
  }

  private static func numberField(_ invocation: Invocation) throws -> [(String, JSON)] {
    guard let number = Int64(invocation.argument("number")) else {
      throw HoldfastError(
        .usage, "a comment has a number, not \(invocation.argument("number").quoted)")
    }
    return [("id", .number(JSONNumber(number)))]
  }

  private static let commentAdd = Command(
    "add", summary: "Says something about a task; without a text, what the standard input has.",
    examples: [
      Example("holdfast task comment add k3m9qz 'Needs a test.'", "Says it in your name.")
    ],
    options: [author], arguments: [file, .optional("text", "What is said, in Markdown.")]
  ) { invocation in
    let text = try invocation.wordOrInput("text", upTo: Comment.bytesMax)
    return try Session.run(invocation) { session in
      let comment = try session.runInProject(
        "comment_add",
        task(invocation) + authorField(invocation) + [("text", .string(text))])
      invocation.output.show(comment) {
        invocation.output.line("comment \(comment["id"]?.renderedText() ?? "")")
      }
      return 0
    }
  }

  private static let commentEdit = Command(
    "edit", summary: "Changes a comment; the history keeps what it said.",
    options: [author], arguments: [file, number, .optional("text", "What it says now.")]
  ) { invocation in
    let text = try invocation.wordOrInput("text", upTo: Comment.bytesMax)
    return try Session.run(invocation) { session in
      let comment = try session.runInProject(
        "comment_edit",
        try task(invocation) + numberField(invocation) + authorField(invocation)
          + [("text", .string(text))])
      invocation.output.show(comment) {
        invocation.output.line("changed comment \(comment["id"]?.renderedText() ?? "")")
      }
      return 0
    }
  }

  private static let commentDelete = Command(
    "delete", summary: "Deletes a comment; the history keeps what it said.",
    options: [author], arguments: [file, number]
  ) { invocation in
    try Session.run(invocation) { session in
      let comment = try session.runInProject(
        "comment_delete",
        try task(invocation) + numberField(invocation) + authorField(invocation))
      invocation.output.show(comment) {
        invocation.output.line("deleted comment \(comment["id"]?.renderedText() ?? "")")
      }
      return 0
    }
  }

  private static let commentList = Command(
    "list", summary: "Lists the comments on a task, the oldest first.",
    options: [limit, cursor], arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let comments = try session.pages("comments", of: "comment_list", task(invocation), invocation)
      invocation.output.show(comments) {
        for comment in comments["comments"]?.arrayValue ?? [] {
          let edited = comment["edited_at"] == nil ? "" : ", edited"
          invocation.output.line(
            "\(comment["id"]?.renderedText() ?? "")  \(comment.text("author"))  "
              + "\(comment.text("at"))\(edited)")
          for line in comment.text("text").split(separator: "\n", omittingEmptySubsequences: false)
          {
            invocation.output.line("    \(line)")
          }
        }
      }
      return 0
    }
  }

  // MARK: Output

  static let output = Command(
    "output", summary: "Keeps and shows what the work on a task prints.",
    subcommands: [outputAppend, outputList])

  private static let outputAppend = Command(
    "append", summary: "Keeps a part of what the work printed, up to 64 KiB.",
    examples: [
      Example("holdfast task output append k3m9qz --type stderr < errors.log", "Keeps a file.")
    ],
    options: [
      agentOption, fenceOption, forceOption,
      .choice("type", "type", OutputType.allCases.map(\.rawValue), "What kind of output it is."),
      .text("source", "name", "Who or what printed it."),
    ], arguments: [file, .optional("text", "What was printed; else the standard input.")]
  ) { invocation in
    let text = try invocation.wordOrInput("text", upTo: OutputPart.bytesMax)
    return try Session.run(invocation) { session in
      let part = try session.runInProject(
        "output_append",
        task(invocation) + invocation.agentField
          + invocation.fields("fence", "force", "type", "source") + [("text", .string(text))])
      invocation.output.show(part) {
        invocation.output.line("part \(part["id"]?.renderedText() ?? "")")
      }
      return 0
    }
  }

  private static let outputList = Command(
    "list", summary: "Prints what the work on a task printed, the oldest first.",
    options: [
      .choice("type", "type", OutputType.allCases.map(\.rawValue), "Only output of this kind."),
      limit, cursor,
    ], arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let parts = try session.pages(
        "output", of: "output_list", task(invocation) + invocation.fields("type"), invocation)
      invocation.output.show(parts) {
        for part in parts["output"]?.arrayValue ?? [] {
          let text = part.text("text")
          invocation.output.text(text.hasSuffix("\n") ? text : text + "\n")
        }
      }
      return 0
    }
  }
}

extension Session {
  /// A page of a list that is limited, else all of it; says when there is more.
  func pages(
    _ key: String, of operation: String, _ fields: [(String, JSON)], _ invocation: Invocation
  ) throws -> JSON {
    let fields = fields + invocation.fields("limit", "cursor")
    guard invocation.isGiven("limit") else {
      return .object(JSONObject([(key, .array(try all(key, of: operation, fields)))]))
    }
    let page = try runInProject(operation, fields)
    if let next = page["next_cursor"]?.stringValue {
      invocation.output.note("There are more: --cursor \(next)")
    }
    return page
  }
}
