public import HoldfastDatabase
public import HoldfastJSON
internal import HoldfastModel
public import HoldfastStore
internal import Glibc

/// Runs operations on a store file: directly while nobody holds it, else through its holder.
///
/// A server, or whatever holds the store for longer, answers on a unix socket; everybody else is its
/// client. When it ends, the clients take the store themselves. A call loops until its deadline: try
/// the lock, else connect. Its idempotency key stays the same, so that it is done once.
public final class LocalRunner: StoreRunner {
  private let configuration: SQLiteConfiguration
  private let settings: StoreSettings
  private let keys = IdempotencyKeys()
  /// Holds the store for all of this process and others, where nobody does.
  private let host: Host?
  private var embedded: EmbeddedRunner?
  private var remote: RemoteRunner?

  /// Takes a store's lock to answer for it on a socket that the lock tells of.
  public typealias Host = @Sendable (StoreLock) throws -> Void

  /// How long a call may look for a way to the store, or wait for a server that works, in seconds.
  private static let secondsMax = 15
  /// Refusals in half a second after which a server of another store is believed to be one.
  private static let refusalsMin = 30

  /// - Parameters:
  ///   - configuration: The store's file.
  ///   - settings: How it is opened here.
  ///   - host: Who answers for the store when nobody else does; without one, each call holds it alone.
  public init(
    configuration: SQLiteConfiguration, settings: StoreSettings, host: Host? = nil
  ) {
    self.configuration = configuration
    self.settings = settings
    self.host = host
  }

  /// Lets go of the store, if this process holds it.
  ///
  /// Its file is whole then and others can have it; the next call takes it again. What goes on for
  /// longer calls this between its steps.
  public func close() {
    embedded?.store.database.close()
    embedded = nil
  }

  /// Whether another process holds the store.
  public var mayWait: Bool { embedded == nil }

  /// Runs work that spans the store: here, or in the server that holds it.
  ///
  /// - Parameter progress: Told how far it is, while it runs here.
  public func run(
    _ entry: StoreOperationEntry, _ fields: [(String, JSON)],
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> JSON {
    let call = OperationCall(entry.name, fields)
    return try reach(isWrite: false) { way, _ in
      switch way {
      case .here(let embedded):
        var fields = Fields(call.fields)
        return try JSONReader.read(try entry.prepare(&fields)(embedded.store, progress))
      case .through(let server):
        return try server.run(call, idempotencyKey: nil, seconds: Self.workSecondsMax) ?? .null
      }
    }
  }

  /// How long a server may work on the whole store, in seconds.
  private static let workSecondsMax = 24 * 3600

  public func run(_ call: OperationCall) throws -> JSON? {
    let key = keys.next(for: call)
    return try reach(isWrite: key != nil) { way, wasSent in
      switch way {
      case .here(let embedded):
        // Without an earlier try there is nothing that it could repeat.
        return try embedded.run(call, idempotencyKey: wasSent ? key : nil)
      case .through(let server):
        return try server.run(call, idempotencyKey: key)
      }
    }
  }

  /// A way to the store.
  private enum Way {
    case here(EmbeddedRunner)
    case through(RemoteRunner)
  }

  /// Looks for a way to the store and runs `body` on it, again on another way when a server went away
  /// in the middle.
  ///
  /// - Parameter body: Told whether a server may have got it already.
  private func reach<R>(isWrite: Bool, _ body: (Way, _ wasSent: Bool) throws -> R) throws -> R {
    let deadline = monotonicNanoseconds() + UInt64(Self.secondsMax) * 1_000_000_000
    var pause: UInt32 = 500
    var wasSent = false
    var refusals = 0
    while true {
      if let embedded = try openEmbedded() { return try body(.here(embedded), wasSent) }
      if let remote = connectToHolder() {
        do {
          return try body(.through(remote), wasSent)
        } catch let error as HTTPTransportError {
          wasSent = wasSent || !error.isBeforeSending
          // It had its time, and would have as long again.
          if error.isTimeout { throw busy(wasSent: isWrite && wasSent) }
        } catch let error as HoldfastError where error.code == .stopping {
          // The store is free in a moment.
        } catch let error as HoldfastError where error.code == .misdirected {
          // The lock may have told of the server before the one that holds it.
          refusals += 1
          if refusals == Self.refusalsMin { throw error }
        }
        self.remote = nil
      }
      guard monotonicNanoseconds() < deadline else {
        throw busy(wasSent: isWrite && wasSent)
      }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }

  /// The store in this process, when nobody else holds it.
  public func openEmbedded() throws -> EmbeddedRunner? {
    if let embedded { return embedded }
    if remote != nil { return nil }
    let kind = host == nil ? "command" : "mcp"
    guard let lock = try Store.lock(path: configuration.path, kind: kind) else { return nil }
    if let host {
      try host(lock)
      return nil
    }
    let runner = EmbeddedRunner(
      store: try Store(opening: configuration, lock: lock, settings: settings))
    embedded = runner
    return runner
  }

  private func connectToHolder() -> RemoteRunner? {
    if let remote { return remote }
    guard let socket = StoreLock.holder(path: configuration.path)?.socket else { return nil }
    let runner = RemoteRunner(
      to: .unixSocket(socket), keys: keys, secondsMax: Self.secondsMax,
      storePath: realPath(of: configuration.path))
    remote = runner
    return runner
  }

  /// The refusal when nobody lets go of the store.
  private func busy(wasSent: Bool) -> HoldfastError {
    let holder = StoreLock.holder(path: configuration.path)
    let process = holder.map { " (process \($0.pid))" } ?? ""
    // A command answers nobody, and ends by itself.
    let who =
      switch holder?.kind {
      case "serve": "a server\(process), which does not answer: stop or restart it"
      case "mcp": "an MCP server of an agent\(process), which does not answer: end that process"
      default: "a command\(process), which is not done yet: wait for its end"
      }
    let what = wasSent ? "; what was asked may be done already: look before you repeat it" : ""
    return HoldfastError(
      .unavailable, "\(configuration.path): the store is held by \(who)\(what)")
  }
}
