internal import CSystem
private import Dispatch
private import Glibc
internal import HoldfastDatabase
private import Synchronization

/// What other doors answer now: who of their clients leaves, who has heard nothing for long, and how many
/// are told bit by bit.
///
/// libmicrohttpd does not look at a connection that it was told to leave alone, so it misses that its
/// client goes. One thread hears it of all of them.
final class DoorResponses: Sendable {
  private let state = Mutex(State())
  private let streams = Atomic(0)
  private let streamsMax: Int
  private let work = DispatchQueue(label: "holdfast-doors")
  private let ended = DispatchSemaphore(value: 0)

  private struct State {
    var responses: [ObjectIdentifier: Entry] = [:]
    var names: [UInt64: DoorResponse] = [:]
    /// 0 is the pipe's.
    var lastName: UInt64 = 0
    var watch: Int32 = -1
    var pipe: [Int32] = [-1, -1]
  }

  private struct Entry {
    let response: DoorResponse
    let name: UInt64
  }

  init(streamsMax: Int) { self.streamsMax = streamsMax }

  /// Starts to listen for clients that leave.
  ///
  /// - Throws: ``DatabaseError`` when the system has no more threads or open files.
  func start() throws {
    let watch: Int32? = try state.withLock { state in
      guard state.watch < 0 else { return nil }
      let opened = holdfast_watch_open()
      guard opened >= 0, holdfast_pipe(&state.pipe) == 0,
        holdfast_watch_add(opened, state.pipe[0], 0) == 0
      else {
        throw DatabaseError(.cannotOpen, "the system has no more open files for this process")
      }
      state.watch = opened
      return opened
    }
    guard let watch else { return }
    try startThread(name: "holdfast-leave") { [self] in
      listen(watch)
      ended.signal()
    }
  }

  /// Ends the thread.
  func stop() {
    let (watch, pipe) = state.withLock { state in
      defer {
        state.watch = -1
        state.pipe = [-1, -1]
      }
      return (state.watch, state.pipe)
    }
    guard watch >= 0 else { return }
    // The other end hears that this one was closed.
    close(pipe[1])
    ended.wait()
    close(pipe[0])
    close(watch)
  }

  private func listen(_ watch: Int32) {
    var names = [UInt64](repeating: 0, count: 64)
    while true {
      let count = holdfast_watch_wait(watch, &names, Int32(names.count))
      guard count >= 0 else { return }
      for name in names.prefix(Int(count)) {
        if name == 0 { return }
        state.withLock { $0.names[name] }?.clientLeft()
      }
    }
  }

  // MARK: Responses

  func opened(_ response: DoorResponse) {
    state.withLock { state in
      state.lastName += 1
      let name = state.lastName
      state.responses[ObjectIdentifier(response)] = Entry(response: response, name: name)
      state.names[name] = response
      if state.watch >= 0, let socket = response.socket {
        _ = holdfast_watch_add(state.watch, socket, name)
      }
    }
  }

  /// Called before the socket's number can be used again.
  func closed(_ response: DoorResponse) {
    state.withLock { state in
      guard let entry = state.responses.removeValue(forKey: ObjectIdentifier(response)) else {
        return
      }
      state.names[entry.name] = nil
      if state.watch >= 0, let socket = response.socket {
        holdfast_watch_remove(state.watch, socket)
      }
    }
  }

  /// Says to all who have heard nothing for so long that it goes on.
  func tellOfSilence(seconds: Int) {
    let all = state.withLock { $0.responses.values.map(\.response) }
    let now = monotonicNanoseconds()
    let moment = now - min(UInt64(seconds) * 1_000_000_000, now)
    for response in all { response.tellOfSilence(since: moment) }
  }

  // MARK: Streams

  /// Counts one more stream; false when there are as many as may be.
  func takeStream() -> Bool {
    if streams.add(1, ordering: .relaxed).newValue <= streamsMax { return true }
    streams.subtract(1, ordering: .relaxed)
    return false
  }

  func streamEnded() { streams.subtract(1, ordering: .relaxed) }

  /// Does something where nobody waits behind it.
  func later(_ body: @escaping @Sendable () -> Void) { work.async(execute: body) }
}
