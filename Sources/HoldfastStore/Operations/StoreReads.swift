internal import HoldfastDatabase
internal import HoldfastModel

/// Reads of a store, one after the other: each sees its own moment and is bounded in time, so none
/// keeps the log behind the file from starting over.
public struct StoreReads {
  private enum Source {
    case store(Store)
    case view(StoreView)
  }

  private let source: Source

  init(_ store: Store) { source = .store(store) }

  /// Reads that all see the same moment.
  public init(_ view: StoreView) { source = .view(view) }

  /// Runs `body` over one moment's view.
  public func read<T>(_ body: (StoreView) throws -> T) throws -> T {
    switch source {
    case .store(let store):
      try store.database.read { try body(StoreView($0, facts: store.facts)) }
    case .view(let view): try body(view)
    }
  }

  /// Runs a search to its end.
  ///
  /// - Parameter begin: Looks into the index; gives nil when there is nothing to search.
  func search(_ begin: (StoreView) throws -> SearchFinding?) throws -> SearchFinding? {
    switch source {
    case .store(let store):
      return try store.search.whole(try store.search.repairing { try read(begin) }, over: self)
    case .view(let view):
      var finding = try begin(view)
      while finding?.isCurrent == false { try finding?.step(in: view) }
      return finding
    }
  }
}
