internal import CMicroHTTPD
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore
private import Synchronization

extension HTTPService {
  /// Runs work that spans the store on a thread of its own, until it ends or the server does.
  ///
  /// Most of it only through the unix socket, which nobody but the store's owner can open: a backup
  /// writes a file where the request says.
  func runStoreWork(
    _ entry: StoreOperationEntry, _ exchange: Exchange, _ connection: OpaquePointer
  ) throws -> Bool {
    let isForAll = !entry.isLocal && registered == nil
    guard isForAll || exchange.connection?.isUnix ?? false else {
      throw HoldfastError(.notFound, "there is nothing at this path; /openapi.json lists all paths")
    }
    let request = exchange.body.isEmpty ? JSON.object(JSONObject()) : try Self.object(exchange.body)
    var fields = Fields(request.objectValue ?? JSONObject())
    let work = try entry.prepare(&fields)
    suspend(
      exchange, connection,
      during: { completion in
        storeWork.withLock { $0.append(entry.name) }
        let end: @Sendable (Result<Reply, any Error>) -> Void = { [self] result in
          storeWork.withLock { names in
            names.firstIndex(of: entry.name).map { _ = names.remove(at: $0) }
          }
          completion(result.mapError(asHoldfastError))
        }
        do {
          try startThread(name: "holdfast-work") { [self] in
            end(
              Result {
                let report = try work(store) { [self] _ in
                  if inFlight.isDraining { throw Self.stopping }
                }
                return .recorded(RecordedAnswer(status: 200, revision: nil, body: report))
              })
          }
        } catch {
          end(.failure(error))
        }
      })
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
