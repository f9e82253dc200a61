internal import HoldfastModel
internal import HoldfastStore

extension OperationRoute {
  /// The answer of an operation that reads; a list links to its next page by the target asked for.
  ///
  /// A list that is longer than may be held at once is sent while it is read.
  func answer(to target: [UInt8], reading read: PreparedRead) throws -> HTTPAnswer {
    var out = ObjectWriter(shape: shape)
    if case .raw = reply.content { out.sendsRaw = true }
    let step = read.begin()
    var end = try step(&out)
    while end == nil {
      if read.mayGoAhead, out.bytes.count > Limits.wholeBytesMax { return begun(out, step) }
      end = try step(&out)
    }
    guard let info = end else { return .empty(500) }
    return answer(info: info, out: &out).linking(to: info.nextCursor, of: target)
  }

  /// The answer of a read that has not ended.
  private func begun(_ written: ObjectWriter, _ step: @escaping PreparedRead.Step) -> HTTPAnswer {
    var out = written
    var answer = HTTPAnswer(status: reply.status, contentType: .json, body: out.takeBytes())
    var hasEnded = false
    answer.rest = {
      guard !hasEnded else { return nil }
      if try step(&out) != nil {
        out.newline()
        hasEnded = true
      }
      return out.takeBytes()
    }
    return answer
  }

  /// The answer of a write; without a writer there was nothing to give.
  func answer(info: ReplyInfo?, write: ((inout ObjectWriter) -> Void)?) -> HTTPAnswer {
    guard let info, let write else { return .empty(204) }
    var out = ObjectWriter(shape: shape)
    switch reply.content {
    case .empty: break
    case .answer: write(&out)
    case .raw:
      out.sendsRaw = true
      write(&out)
    }
    return answer(info: info, out: &out)
  }

  /// The answer that was sent the first time, again.
  func answer(_ recorded: RecordedAnswer) throws -> HTTPAnswer {
    let body = try recorded.body()
    var answer = HTTPAnswer(
      status: recorded.status, contentType: body.isEmpty ? .none : .json, body: body)
    if let revision = recorded.revision { answer.headers.append(("ETag", "\"\(revision)\"")) }
    answer.headers.append(("Idempotent-Replayed", "true"))
    return answer
  }

  private func answer(info: ReplyInfo, out: inout ObjectWriter) -> HTTPAnswer {
    var answer: HTTPAnswer
    switch reply.content {
    case .empty: answer = .empty(reply.status)
    case .raw(let type):
      answer = HTTPAnswer(status: reply.status, contentType: type, body: out.raw ?? [])
    case .answer:
      out.newline()
      answer = HTTPAnswer(status: reply.status, contentType: .json, body: out.bytes)
    }
    if let revision = info.revision { answer.headers.append(("ETag", "\"\(revision)\"")) }
    if case .raw = reply.content, let download = info.download { answer.offer(download) }
    return answer
  }
}

extension HTTPAnswer {
  /// Says that the body is a file of that type, which a browser saves and neither shows nor runs: it is
  /// somebody's content, under the address of this server.
  fileprivate mutating func offer(_ download: Download) {
    contentType = ContentType(text: download.type.text)
    // RFC 8187: all that is not plain is encoded, so a name cannot end the header.
    let name = PercentEncoding.text(download.name.utf8)
    headers.append(("Content-Disposition", "attachment; filename*=UTF-8''\(name)"))
    headers.append(("X-Content-Type-Options", "nosniff"))
    headers.append(("Content-Security-Policy", "default-src 'none'; sandbox"))
  }

  /// With a link to the next page of a list, where there is one.
  func linking(to cursor: String?, of target: [UInt8]) -> HTTPAnswer {
    guard let cursor else { return self }
    var answer = self
    answer.headers.append(("Link", PageLink.next(of: target, cursor: cursor)))
    return answer
  }
}
