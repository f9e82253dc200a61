internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension HTTPService {
  /// Runs work that spans the store on a thread of its own, for commands on this machine.
  ///
  /// Only through the unix socket, which nobody but the store's owner can open: a backup writes a
  /// file where the request says.
  func runStoreWork(
    _ entry: StoreOperationEntry, _ exchange: Exchange, _ connection: OpaquePointer
  ) throws -> Bool {
    guard holdfast_mhd_is_unix(holdfast_mhd_socket(connection)) != 0 else {
      throw HoldfastError(.notFound, "there is nothing at this path; /openapi.json lists all paths")
    }
    let request = exchange.body.isEmpty ? JSON.object(JSONObject()) : try Self.object(exchange.body)
    var fields = Fields(request.objectValue ?? JSONObject())
    let work = try entry.prepare(&fields)
    let store = store
    exchange.stage = .suspended
    MHD_suspend_connection(connection)
    nonisolated(unsafe) let suspended = connection  // Resumed exactly once, below.
    try startThread(name: "holdfast-work") {
      exchange.finished = Result {
        let report = try work(store) { _ in }
        return .recorded(RecordedAnswer(status: 200, revision: nil, body: report))
      }.mapError(asHoldfastError)
      MHD_resume_connection(suspended)
    }
    return true
  }

  private static func object(_ bytes: [UInt8]) throws(HoldfastError) -> JSON {
    do {
      return try JSONReader.read(bytes)
    } catch {
      throw HoldfastError(.invalidRequest, "invalid request body: \(error)")
    }
  }
}
