import HoldfastClient
import HoldfastJSON
import HoldfastModel

/// What is attached to tasks.
extension TaskCommand {
  static let attachments: [Command] = [attach, attachmentList, detach]

  /// The most bytes of an attachment.
  private static let bytesMax = 16 << 20

  private static let attach = Command(
    "attach", summary: "Attaches content, or a file of the project, to a task.",
    discussion: """
      The content is kept in the store; with --media it becomes a file of .task-graph/media in the \
      project's folder. --file names a file of the project that is read when somebody asks for it.
      """,
    examples: [
      Example("holdfast task attach k3m9qz shot.png --from shot.png", "Keeps the picture."),
      Example("holdfast task attach k3m9qz build.log < build.log", "Keeps what was printed."),
      Example("holdfast task attach k3m9qz spec --file docs/spec.md", "Refers to the file."),
    ],
    options: [
      .text("from", "path", "Any file with the content; else the standard input.", hint: .file),
      .text(
        "content", "text", "The content itself.", excludes: ["from"]),
      .text(
        "file", "path", "A file, relative to the project's folder.",
        excludes: ["from", "content", "media"], hint: .file),
      .flag("media", "Keeps the content as a file in .task-graph/media."),
      .text("mime", "type", "What kind of content it is.", defaultNote: "as it is text or not"),
      .text("type", "word", "What it is for."), fenceOption,
    ],
    arguments: [file, .required("name", "What it is called.")]
  ) { invocation in
    var fields: [(String, JSON)] = [
      ("task", .string(invocation.argument("file"))),
      ("name", .string(invocation.argument("name"))),
    ]
    for option in ["mime", "type", "file"] {
      if let value = invocation.text(option) { fields.append((option, .string(value))) }
    }
    fields += invocation.fields("fence")
    if invocation.flag("media") { fields.append(("store_as_file", true)) }
    var content: OperationCall.Attachment?
    if invocation.text("file") == nil {
      content = .init(field: "content", bytes: try givenContent(invocation))
    }
    return try Session.run(invocation) { session in
      let answer = try session.runInFolder("task_attach", fields, attachment: content)
      invocation.output.show(answer) {
        invocation.output.line("attached: \(line(answer))")
        if let content, content.bytes.isEmpty {
          invocation.output.note("what was attached is empty")
        }
      }
      return 0
    }
  }

  private static func givenContent(_ invocation: Invocation) throws -> [UInt8] {
    if let text = invocation.text("content") { return Array(text.utf8) }
    if let path = invocation.text("from") { return try FileBytes.read(path, upTo: bytesMax) }
    guard !invocation.terminal.isInput else {
      throw HoldfastError(
        .usage, "pass --from, --content or --file, or the content through the standard input")
    }
    return try invocation.input.readAll(upTo: bytesMax)
  }

  private static let attachmentList = Command(
    "attachments", summary: "Lists what is attached to a task, or prints one of them.",
    examples: [
      Example("holdfast task attachments k3m9qz --mime image/", "Lists the pictures."),
      Example("holdfast task attachments k3m9qz --get 0 > shot.png", "Prints the first one."),
    ],
    options: [
      .text("mime", "type", "Only those whose media type begins so.", excludes: ["get"]),
      .text("type", "word", "Only those that are for this.", excludes: ["get"]),
      .integer("get", "index", "Prints the content of this one.", in: 0...Int.max),
    ],
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let task = ("task", JSON.string(invocation.argument("file")))
      if let index = invocation.int("get") {
        let answer = try session.runInFolder(
          "attachment_get", [task, ("index", .number(JSONNumber(Int64(index))))])
        if invocation.output.isJSON {
          invocation.output.json(answer)
        } else {
          let content = try BytesValue(answer["content"] ?? "", field: FieldPosition("content"))
          invocation.output.content(content.bytes)
        }
        return 0
      }
      var found: [JSON] = []
      var cursor: String?
      repeat {
        var fields = [task, ("limit", .number(JSONNumber(Int64(1000))))]
        for option in ["mime", "type"] {
          if let value = invocation.text(option) { fields.append((option, .string(value))) }
        }
        if let cursor = cursor.flatMap({ Int64($0) }) {
          fields.append(("cursor", .number(JSONNumber(cursor))))
        }
        let answer = try session.runInProject("attachment_list", fields)
        found += answer["attachments"]?.arrayValue ?? []
        cursor = answer["next_cursor"]?.stringValue
      } while cursor != nil
      invocation.output.show(.object(JSONObject([("attachments", .array(found))]))) {
        for attachment in found { invocation.output.line(line(attachment)) }
      }
      return 0
    }
  }

  /// An attachment as people see it in a list.
  private static func line(_ attachment: JSON) -> String {
    let index = attachment["order_index"]?.int64Value ?? 0
    let place = attachment.text("file_path").isEmpty ? "" : " in \(attachment.text("file_path"))"
    return "\(index) \(attachment.text("name")) (\(attachment.text("mime_type")), "
      + "\(ByteAmount.text(Int(attachment["bytes"]?.int64Value ?? 0)))\(place))"
  }

  private static let detach = Command(
    "detach", summary: "Takes an attachment of a task away, and frees its content.",
    options: [fenceOption],
    arguments: [file, .required("index", "Its number in the list.")]
  ) { invocation in
    guard let index = Int64(invocation.argument("index")) else {
      throw HoldfastError(.usage, "an attachment is named by its number in 'task attachments'")
    }
    return try Session.run(invocation) { session in
      let answer = try session.runInFolder(
        "task_detach",
        [
          ("task", .string(invocation.argument("file"))), ("index", .number(JSONNumber(index))),
        ] + invocation.fields("fence"))
      invocation.output.show(answer) {
        let file = answer["file_deleted"]?.boolValue == true ? ", and its file" : ""
        invocation.output.line("detached: \(index)\(file)")
      }
      return 0
    }
  }
}
