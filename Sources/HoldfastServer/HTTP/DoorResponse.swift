internal import CMicroHTTPD
internal import Glibc
internal import HoldfastDatabase
private import Synchronization

/// The answer to a request of another door: one message, or a stream of events that ends with it
/// (`text/event-stream`).
///
/// It becomes a stream with the first event, or when its client has waited for long; until then the answer
/// has a status of its own. All of it may be called on any thread.
public final class DoorResponse: Sendable {
  private let service: HTTPService
  private let connection: ConnectionRegistry.Connection?
  /// Gives back what the request has taken.
  private let release: @Sendable () -> Void
  private let state = Mutex(State())

  private struct State {
    var stage = Stage.waiting
    /// The connection while libmicrohttpd leaves it alone.
    var suspended: Suspended?
    var making: DoorAnswer.Making?
    /// Events that are still to be taken.
    var queued: [UInt8] = []
    /// Whether the headers of a stream are out.
    var isStream = false
    var left: (@Sendable () -> Void)?
    /// Who is told that everything was taken.
    var room: (@Sendable () -> Void)?
    /// Whether something found no place.
    var wantsRoom = false
    var lastWord = monotonicNanoseconds()

    /// Takes what fits of what is queued.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
      let count = min(buffer.count, queued.count)
      queued.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[..<count])) }
      queued.removeFirst(count)
      return count
    }

    /// Ends it; gives who is to hear of it.
    mutating func leave() -> ((@Sendable () -> Void)?, Suspended?) {
      stage = .gone
      queued = []
      defer {
        left = nil
        room = nil
        suspended = nil
      }
      return (left, suspended)
    }
  }

  private enum Stage {
    /// Nothing was sent.
    case waiting
    case streaming
    /// The answer is there.
    case answered
    /// The client has left, or was sent away.
    case gone
    /// The exchange is over.
    case over
  }

  /// A connection that is resumed exactly once, by whoever took it out of the mutex.
  private struct Suspended: @unchecked Sendable {
    let handle: OpaquePointer
  }

  init(
    _ service: HTTPService, _ exchange: Exchange, release: @escaping @Sendable () -> Void
  ) {
    self.service = service
    connection = exchange.connection
    self.release = release
  }

  deinit { release() }

  // MARK: For doors

  /// How an event was taken.
  public enum Sent: Sendable {
    case taken
    /// The client has not taken what came before: ``onRoom(_:)`` says when it has.
    case full
    /// Nobody is there any more.
    case gone
    /// The server has as many streams as it may have.
    case tooMany
  }

  /// Gives what makes the answer; once.
  ///
  /// It is made where there is time for it. For a client that has left it is made to be undone.
  public func answer(_ making: @escaping DoorAnswer.Making) {
    let (isLate, resumed) = state.withLock { state -> (Bool, Suspended?) in
      guard state.stage == .waiting || state.stage == .streaming else { return (true, nil) }
      state.stage = .answered
      state.making = making
      defer { state.suspended = nil }
      return (false, state.suspended)
    }
    if isLate { service.doors.later { making().undo?() } }
    resume(resumed)
  }

  /// Sends an event with that data, which is a line.
  public func send(_ data: [UInt8]) -> Sent { queue(Self.event(data)) }

  /// Says once that the client has left, or was sent away, before it got the answer.
  public func onLeave(_ body: @escaping @Sendable () -> Void) {
    let isGone = state.withLock { state in
      if state.stage == .gone { return true }
      state.left = body
      return false
    }
    if isGone { body() }
  }

  /// Says each time that the client has taken everything, after something was too much.
  public func onRoom(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.room = body } }

  // MARK: For the server

  /// Whether somebody waits for the answer.
  var isWanted: Bool {
    let isHere = state.withLock { [.waiting, .streaming, .answered].contains($0.stage) }
    return isHere && ConnectionRegistry.isOpen(connection?.socket ?? -1)
  }

  var socket: Int32? { connection?.socket }

  /// Sets the connection aside until there is something to be sent.
  func suspend(_ handle: OpaquePointer) {
    MHD_suspend_connection(handle)
    let suspended = Suspended(handle: handle)
    state.withLock { $0.suspended = suspended }
  }

  /// What the server does when it goes on.
  enum Step {
    case answer(DoorAnswer.Making)
    case stream
    case close
  }

  func next() -> Step {
    state.withLock { state in
      if state.isStream { return .stream }
      guard state.stage == .answered, let making = state.making else { return .close }
      state.making = nil
      return .answer(making)
    }
  }

  /// The client has closed its side, or its time is over.
  func clientLeft() {
    let (left, resumed) = state.withLock { state -> ((@Sendable () -> Void)?, Suspended?) in
      guard [.waiting, .streaming].contains(state.stage) else { return (nil, nil) }
      return state.leave()
    }
    resume(resumed)
    left?()
  }

  /// The exchange is over, however it ended.
  func ended() {
    let (left, making, wasStream) = state.withLock { state in
      defer {
        state.stage = .over
        state.left = nil
        state.room = nil
        state.making = nil
        state.queued = []
      }
      return (
        state.stage == .streaming ? state.left : nil, state.making, state.isStream
      )
    }
    left?()
    if let making { service.doors.later { making().undo?() } }
    if wasStream { service.doors.streamEnded() }
  }

  /// Says that it goes on, to a client that has heard nothing for so long.
  func tellOfSilence(since moment: UInt64) {
    let isSilent = state.withLock { state in
      [.waiting, .streaming].contains(state.stage) && state.lastWord < moment
        && state.queued.isEmpty
    }
    if isSilent { _ = queue(Array(":\n\n".utf8)) }
  }

  // MARK: Parts

  private static func event(_ data: [UInt8]) -> [UInt8] {
    Array("data: ".utf8) + data + Array("\n\n".utf8)
  }

  private func queue(_ bytes: [UInt8]) -> Sent {
    let now = monotonicNanoseconds()
    let isNew = state.withLock { $0.stage == .waiting }
    if isNew, !service.doors.takeStream() { return .tooMany }
    var isCounted = !isNew
    let (sent, resumed) = state.withLock { state -> (Sent, Suspended?) in
      switch state.stage {
      case .answered, .gone, .over: return (.gone, nil)
      case .waiting:
        state.stage = .streaming
        state.isStream = true
        isCounted = true
      case .streaming: break
      }
      guard state.queued.isEmpty || state.queued.count + bytes.count <= Limits.streamBytesMax
      else {
        state.wantsRoom = true
        return (.full, nil)
      }
      if state.queued.isEmpty { connection?.mustGetOn(until: now + patience) }
      state.queued += bytes
      state.lastWord = now
      defer { state.suspended = nil }
      return (.taken, state.suspended)
    }
    if !isCounted { service.doors.streamEnded() }
    resume(resumed)
    return sent
  }

  /// How long what is there may lie, in nanoseconds.
  private var patience: UInt64 { UInt64(service.limits.requestSeconds) * 1_000_000_000 }

  private func resume(_ suspended: Suspended?) {
    if let suspended { MHD_resume_connection(suspended.handle) }
  }

  /// Copies what is to be sent next; 0 when there is nothing now, nil at the end.
  ///
  /// - Throws: ``Gone`` when nobody is there any more.
  func read(into buffer: UnsafeMutableRawBufferPointer, _ handle: OpaquePointer) throws -> Int? {
    let connection = Suspended(handle: handle)
    let (count, making) = try state.withLock { state -> (Int?, DoorAnswer.Making?) in
      if state.stage == .gone { throw Gone() }
      if !state.queued.isEmpty {
        // Who takes something has time again, however much waits behind it.
        self.connection?.mustGetOn(until: monotonicNanoseconds() + patience)
        return (state.take(into: buffer), nil)
      }
      if let making = state.making {
        state.making = nil
        return (nil, making)
      }
      if state.stage == .answered { return (nil, nil) }
      if state.wantsRoom, let room = state.room {
        state.wantsRoom = false
        service.doors.later(room)
      }
      MHD_suspend_connection(connection.handle)
      state.suspended = connection
      self.connection?.waitsForUs()
      return (0, nil)
    }
    guard let making else { return count }
    let made = making()
    guard ConnectionRegistry.isOpen(self.connection?.socket ?? -1) else {
      made.undo?()
      throw Gone()
    }
    self.connection?.mustGetOn(until: monotonicNanoseconds() + patience)
    return state.withLock { state in
      state.queued = Self.event(made.body)
      return state.take(into: buffer)
    }
  }

  /// Nobody is there any more.
  struct Gone: Error {}
}
