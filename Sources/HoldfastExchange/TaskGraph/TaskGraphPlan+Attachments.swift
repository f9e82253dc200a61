internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

extension TaskGraphPlan {
  /// Reads what is attached to tasks; content in files of the media folder comes into the store.
  mutating func readAttachments() throws {
    let rows = try tables.table("attachments").map { row in
      (
        row: row, task: try row.text("task_id"),
        order: try row.int(row.has("order_index") ? "order_index" : "sequence"),
        time: try row.time("created_at") ?? Timestamp(nanoseconds: 0)
      )
    }.sorted {
      ($0.time.nanoseconds, $0.order ?? 0) < ($1.time.nanoseconds, $1.order ?? 0)
    }
    // A place counts by itself alone in some generations, and by kind in others.
    let keepsOrder = !rows.contains { $0.row.has("attachment_type") && !$0.row.has("order_index") }
    for (row, id, order, time) in rows {
      guard let place = places[id] else {
        notes.add("an attachment of \(id) was left out: the task is not there")
        continue
      }
      try reading("an attachment of task \(id.quoted)") {
        try attach(row, order: keepsOrder ? order : nil, at: time, to: place)
      }
    }
    // The first generation keeps more about a task in a column of its own.
    for row in tables.table("tasks") where row.has("metadata") {
      guard let place = places[try row.text("id")], try row.text("metadata") != "null" else {
        continue
      }
      var attachment = Attachment(
        task: 0, orderIndex: freeOrder(nil, of: place), name: "meta",
        mediaType: MediaType(stored: "application/json"), type: "",
        createdAt: imported.tasks[place].entry.createdAt ?? Timestamp(nanoseconds: 0))
      keep(Array(try row.text("metadata").utf8), in: &attachment, of: place)
    }
  }

  /// The place that was asked for, or the next one.
  private func freeOrder(_ wanted: Int64?, of place: Int) -> Int64 {
    let taken = imported.tasks[place].attachments.map(\.row.orderIndex)
    if let wanted, (0...Attachment.orderIndexMax).contains(wanted), !taken.contains(wanted) {
      return wanted
    }
    return (taken.max() ?? -1) + 1
  }

  private mutating func keep(_ content: [UInt8], in attachment: inout Attachment, of place: Int) {
    let blob = Blob(content)
    attachment.hash = blob.hash
    attachment.bytes = Int64(content.count)
    imported.tasks[place].attachments.append(ImportedAttachment(row: attachment, blob: blob))
  }

  private mutating func attach(
    _ row: TaskGraphRow, order: Int64?, at time: Timestamp, to place: Int
  ) throws {
    let name = imported.tasks[place].entry.filename
    let type = try row.text("attachment_type")
    let word = try row.text("name")
    let mime = try row.text("mime_type")
    let mediaType = (try? MediaType(mime)) ?? .anyBytes
    var attachment = Attachment(
      task: 0, orderIndex: freeOrder(order, of: place),
      name: word.isEmpty ? (type.isEmpty ? "attachment" : type) : word, mediaType: mediaType,
      type: type, createdAt: time)
    try Attachment.check(name: attachment.name)
    let content: [UInt8]
    if row.has("file_path") {
      let path = try row.text("file_path")
      guard let found = try mediaFile(path) else {
        // A file of the project is read when somebody asks for it, and only inside of the project.
        if let file = try? LockPath(path) {
          attachment.filePath = file.text
          imported.tasks[place].attachments.append(ImportedAttachment(row: attachment))
          notes.add("\(path), which is attached to \(name), was not read: its path was kept")
        } else {
          notes.add(
            "\(path), which is attached to \(name), is no file of the project: it was left out")
        }
        return
      }
      content = found
    } else if case .bytes(let bytes)? = row.values["content"] {
      content = mediaType.isText ? bytes : Self.decoded(bytes)
    } else {
      content = []
    }
    guard content.count <= Attachment.bytesMax else {
      notes.add(
        "\(attachment.name) of \(name) was left out: it has more than \(Attachment.bytesMax) bytes")
      return
    }
    keep(content, in: &attachment, of: place)
  }

  /// Content that is no text is in Base64 there.
  private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
    Base64.decode(String(decoding: bytes, as: UTF8.self)) ?? bytes
  }

  /// A file of the media folder, which lies beside the database; nil for one that is not there.
  ///
  /// Of the path only the name counts: nothing else on this machine is read for a database.
  private func mediaFile(_ path: String) throws -> [UInt8]? {
    let folder = String(tables.path.dropLast(tables.path.reversed().prefix { $0 != "/" }.count))
    let parts = path.split(separator: "/")
    let isInMedia = parts.count == 1 || parts.dropLast().last == "media"
    let name = parts.last.map(String.init) ?? ""
    guard isInMedia, !name.isEmpty, name != ".", name != ".." else { return nil }
    let media = ProjectFolder(path: folder.isEmpty ? "." : folder)
    let found = Result { () throws(HoldfastError) in try media.read(LockPath("media/\(name)")) }
    if case .failure(let failure) = found, failure.code == .fileNotFound { return nil }
    return try found.get()
  }
}

extension MediaType {
  /// Whether content of this kind is kept as it is written, and not in Base64.
  var isText: Bool {
    text.hasPrefix("text/")
      || ["json", "xml", "yaml", "javascript"].contains { text.hasSuffix($0) }
  }
}
