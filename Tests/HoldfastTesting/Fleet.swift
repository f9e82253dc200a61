public import HoldfastDatabase
internal import HoldfastServer
public import HoldfastStore

/// Servers in the test's process over one database of a cluster.
public final class Fleet: Sendable {
  /// One of them.
  public final class Member: Sendable {
    public let database: PostgreSQLDatabase
    public let store: Store
    public let client: HTTPClient
    private let server: HTTPServer
    private let url: String

    /// Opens the store of a database and serves it on a port of its own.
    public init(_ configuration: PostgreSQLConfiguration) throws {
      url = configuration.url
      database = try PostgreSQLDatabase(configuration: configuration, schema: StoreSchema.current)
      store = try Store(database: database, settings: StoreSettings())
      server = HTTPServer(store: store)
      let socket = try ListeningSocket.tcp(host: "127.0.0.1", port: 0)
      try server.serve(on: socket)
      client = HTTPClient(port: Int(socket.address.split(separator: ":").last ?? "") ?? 0)
    }

    /// Runs statements in its database as another program would.
    public func run(_ sql: String) throws {
      try PostgreSQLCluster.shared.run(sql, in: url)
    }

    deinit { server.shutDown(within: 5) }
  }

  public let members: [Member]
  public let configuration: PostgreSQLConfiguration

  /// - Parameter count: How many servers.
  public init(
    _ count: Int, over configuration: PostgreSQLConfiguration? = nil
  ) throws {
    let configuration = try configuration ?? PostgreSQLCluster.shared.emptyDatabase()
    self.configuration = configuration
    members = try (0..<count).map { _ in try Member(configuration) }
  }

  public subscript(_ index: Int) -> Member { members[index] }
  public var clients: [HTTPClient] { members.map(\.client) }
}
