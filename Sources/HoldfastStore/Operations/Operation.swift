public import HoldfastDatabase
public import HoldfastModel

/// One thing that a caller can ask for.
///
/// Its stored properties are its parameters; one initializer names, bounds and describes each of
/// them. Doors (command line, REST, MCP) only translate into operations and back.
public protocol Operation: Sendable {
  /// The name on every door, in snake case.
  static var name: String { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// What a caller must be allowed to do.
  static var access: Access { get }

  init(reading fields: inout Fields) throws(HoldfastError)

  /// Rules across fields.
  func check() throws(HoldfastError)
}

extension Operation {
  public func check() throws(HoldfastError) {}
}

/// What a caller must be allowed to do to run an operation.
public enum Access: String, Sendable {
  case read
  case write
  case admin
}

/// An operation that only reads, and answers with one value.
public protocol Query: Operation {
  /// What it answers with.
  associatedtype Answer: Output
  /// Whether it may refuse with a conflict, as each mutation may.
  static var mayConflict: Bool { get }

  func run(in view: StoreView) throws -> Answer

  /// Does what needs no view of the store, such as reading a file, once that is over.
  func complete(_ answer: Answer) throws -> Answer
}

extension Query {
  public static var mayConflict: Bool { false }
  public func complete(_ answer: Answer) throws -> Answer { answer }
}

/// An operation that only reads, and takes its time for it: on a connection of its own, and in a server on
/// a thread of its own.
public protocol Report: Operation {
  /// What it answers with.
  associatedtype Answer: Output

  func run(on store: Store) throws -> Answer
}

/// An operation that only reads, and answers with many values, one by one.
///
/// Natively the answer is an object with the list under ``listName`` and `next_cursor`.
public protocol Listing: Operation {
  associatedtype Element: Output
  static var listName: StaticString { get }
  /// Lists over one moment's view.
  func run(in view: StoreView, _ each: (Element) throws -> Void) throws -> ListEnd
  /// Lists over as many short reads as it takes. A list that may be long has its own, because a read
  /// is bounded in time; without one, all is read in one view.
  func walk(over reads: StoreReads) throws -> ListWalk<Element>
  /// Whether the list's end says no more than that it is the end, so that what comes before may be
  /// sent ahead of it.
  var hasPlainEnd: Bool { get }
  /// How long it waits for its first element when there is none, in milliseconds.
  var waitMilliseconds: Int64 { get }
  /// Whether a server runs it on threads of its own, so that short answers do not wait behind it.
  static var isHeavy: Bool { get }
}

extension Listing {
  public func walk(over reads: StoreReads) throws -> ListWalk<Element> {
    ListWalk { each in try reads.read { try run(in: $0, each) } }
  }

  public var hasPlainEnd: Bool { false }
  public var waitMilliseconds: Int64 { 0 }
  public static var isHeavy: Bool { false }
}

/// A list that is being read, one short read after the other.
public struct ListWalk<Element> {
  /// Reads on for a step; gives how the list ended, or nil while there is more.
  public let step: ((Element) throws -> Void) throws -> ListEnd?

  public init(step: @escaping ((Element) throws -> Void) throws -> ListEnd?) { self.step = step }

  /// Reads to the end.
  public func run(_ each: (Element) throws -> Void) throws -> ListEnd {
    while true {
      if let end = try step(each) { return end }
    }
  }
}

/// How a list ended.
public struct ListEnd: Sendable {
  /// Where the next page starts; nil at the end of the list.
  public let nextCursor: String?
  /// The revision of the task whose list it is; nil for a list of no task.
  public let revision: Int64?
  /// How many there are on all pages; nil where that was not counted.
  public let total: Int64?

  public init(nextCursor: String? = nil, revision: Int64? = nil, total: Int64? = nil) {
    self.nextCursor = nextCursor
    self.total = total
    self.revision = revision
  }
}

/// An operation that changes the store.
///
/// `run` is SQL only, bounded and short: it is the one thing that the writer's thread executes, and
/// it may run more than once before it counts. Work that needs no transaction happens in `prepare()`.
public protocol Mutation: Operation {
  /// What it answers with.
  associatedtype Answer: Output
  /// What `prepare()` hands to `run`.
  associatedtype Prepared: Sendable

  /// Parses, hashes and checks on the caller's thread.
  func prepare() throws -> Prepared

  /// As `prepare()`, with a look at the store as it is before the write: `run` has to check that
  /// what was seen still holds.
  func prepare(over store: Store) throws -> Prepared

  func run(_ prepared: Prepared, in changes: Changes) throws -> WriteVerdict<Answer>

  /// Whether the operation waits when there is nothing to give, and for what.
  var waiting: Waiting? { get }

  /// Whether it does something beside the store, such as writing a file: ``ended(_:_:)`` is called then.
  static var actsBesideStore: Bool { get }

  /// Brings what is beside the store in line with how the write ended: nil when it was not done, as it
  /// had been before.
  ///
  /// On the writer's thread, so keep it short. What it throws is the answer.
  func ended(_ prepared: Prepared, _ result: Result<Answer?, any Error>) throws
}

extension Mutation {
  public var waiting: Waiting? { nil }
  public static var actsBesideStore: Bool { false }
  public func ended(_ prepared: Prepared, _ result: Result<Answer?, any Error>) throws {}

  public func prepare(over store: Store) throws -> Prepared { try prepare() }
}

extension Mutation where Prepared == Void {
  public func prepare() throws {}
}

/// What a mutation waits for.
public struct Waiting: Sendable {
  /// As ``Changes/touch(_:)`` names it.
  public let key: String
  /// Requests of the same tag ask for the same thing.
  public let tag: String
  /// At most this long, in milliseconds.
  public let milliseconds: Int64
  /// What its caller calls it, see ``WaitEnd``.
  var name: String?
  /// Whether it was done before and has its answer at hand, so that there is nothing to wait for.
  var isRepeat: @Sendable (StoreView) throws -> Bool = { _ in false }

  public init(key: String, tag: String, milliseconds: Int64) {
    self.key = key
    self.tag = tag
    self.milliseconds = milliseconds
  }
}

/// The answer of an operation that has nothing to say but that it is done.
public struct Done: Output {
  public init() {}
  public static var placeholder: Done { Done() }
  public func write(_ out: inout ObjectWriter) {}
}
