internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension HTTPService {
  /// The pages that are no operations.
  func show(_ page: Route.Page, _ exchange: Exchange) throws -> HTTPAnswer {
    switch page {
    case .ping:
      try store.database.read { try $0.query("SELECT 1", []) { _ in } }
      return .empty()
    case .health: return health()
    case .metrics: return metricsPage()
    case .openAPI: return HTTPAnswer(status: 200, contentType: .json, body: descriptionBytes)
    case .operations: return operationList()
    case .unknownOperation: throw unknownOperation(exchange.match?.parameters.first?.value ?? "")
    }
  }

  private func operationList() -> HTTPAnswer {
    let entries: [JSON] = OperationCatalog.all.map { entry in
      [
        "name": .string(entry.name), "summary": .string(entry.summary),
        "access": .string(entry.access.rawValue),
      ]
    }
    return .json(["operations": .array(entries)])
  }

  private func unknownOperation(_ name: String) -> HoldfastError {
    let nearest = EditDistance.nearest(name, among: OperationCatalog.all.map(\.name))
    let hint = nearest.map { "did you mean \"\($0)\"?" } ?? "GET /v1/operations lists them"
    return HoldfastError(
      .notFound, "there is no operation \"\(name.prefix(64))\": \(hint)",
      details: nearest.map { [("nearest", .string($0))] } ?? [])
  }

  private func health() -> HTTPAnswer {
    let health = store.database.health
    var writer = JSONObject([("state", .string(health.isWriting ? "writing" : "stopped"))])
    if let reason = health.writerStopReason { writer.set("reason", .string(reason)) }
    var document = JSONObject([
      ("status", .string(health.isWriting ? "ok" : "failing")),
      ("version", .string(HoldfastVersion.current)),
      ("store", .string(health.engine)),
      ("writer", .object(writer)),
      ("queue_depth", .number(JSONNumber(Int64(health.queueDepth)))),
      ("waiting", .number(JSONNumber(Int64(health.parked)))),
      ("last_seq", .number(JSONNumber(health.lastSequence))),
      ("connections", .number(JSONNumber(Int64(connections.count)))),
    ])
    if health.isFile {
      document.set("wal_bytes", .number(JSONNumber(health.walBytes)))
      document.set("file_bytes", .number(JSONNumber(health.fileBytes)))
    }
    return .json(.object(document), status: health.isWriting ? 200 : 503)
  }

  private func metricsPage() -> HTTPAnswer {
    var page = PrometheusPage()
    let health = store.database.health
    page.gauge("holdfast_writer_up", "Whether writes are taken.", health.isWriting ? 1 : 0)
    page.gauge("holdfast_queue_depth", "Writes that wait for the next group.", health.queueDepth)
    page.gauge("holdfast_waiting", "Requests that wait for something to happen.", health.parked)
    if health.isFile {
      page.gauge("holdfast_wal_bytes", "Size of the write-ahead log.", Int(health.walBytes))
      page.gauge("holdfast_file_bytes", "Size of the store's file.", Int(health.fileBytes))
      page.counter("holdfast_checkpoints_total", "Checkpoints.", Int(health.checkpoints))
      page.counter(
        "holdfast_wal_written_bytes_total", "Bytes written to the log.",
        Int(health.walBytesWritten))
    }
    page.gauge("holdfast_connections", "Open connections.", connections.count)
    page.gauge(
      "holdfast_receiving_bytes", "Memory of large requests that come in.", received.bytesTaken)
    page.gauge("holdfast_sending_bytes", "Memory of large answers that go out.", sent.bytesTaken)
    page.counter("holdfast_groups_total", "Commits.", Int(health.groups))
    page.counter("holdfast_writes_total", "Writes in those commits.", Int(health.writes))
    page.counter("holdfast_last_seq", "The last event's number.", Int(health.lastSequence))
    page.requests(metrics.counts)
    return HTTPAnswer(status: 200, contentType: .metrics, body: page.bytes)
  }
}
