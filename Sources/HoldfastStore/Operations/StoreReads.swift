internal import HoldfastDatabase

/// Reads of a store, one after the other: each sees its own moment and is bounded in time, so none
/// keeps the log behind the file from starting over.
public struct StoreReads {
  private enum Source {
    case database(any Database, StoreFacts)
    case view(StoreView)
  }

  private let source: Source

  init(_ database: any Database, facts: StoreFacts) { source = .database(database, facts) }

  /// Reads that all see the same moment.
  public init(_ view: StoreView) { source = .view(view) }

  /// Runs `body` over one moment's view.
  public func read<T>(_ body: (StoreView) throws -> T) throws -> T {
    switch source {
    case .database(let database, let facts):
      try database.read { try body(StoreView($0, facts: facts)) }
    case .view(let view): try body(view)
    }
  }
}
