import Testing

@testable import HoldfastDatabase

@Suite struct WriteQueueTests {
  private typealias WriteQueue = HoldfastDatabase.WriteQueue<Handover<Int>>

  private let write = PendingWrite(wait: nil, run: { _ in .done }, finish: { _ in })

  private func isWrite(_ job: WriteQueue.Job) -> Bool {
    if case .write = job { true } else { false }
  }

  @Test func `jobs come out in the order in which they went in`() {
    let queue = WriteQueue(depthMax: 10)
    #expect(queue.push(write) == nil)
    #expect(queue.push { _ in } == nil)
    #expect(queue.push(write) == nil)
    #expect(queue.depth == 2)
    #expect(queue.take(deadline: nil).jobs.map(isWrite) == [true, false, true])
    #expect(queue.depth == 0)
  }

  @Test func `the depth bounds writes but not the writer's own work`() {
    let queue = WriteQueue(depthMax: 3)
    for _ in 1...3 { #expect(queue.push(write) == nil) }
    #expect(queue.push(write)?.kind == .overloaded)
    #expect(queue.push { _ in } == nil)
    #expect(queue.take(deadline: nil).jobs.count == 4)
    #expect(queue.push(write) == nil)
  }

  @Test func `a deadline in the past only looks`() {
    let queue = WriteQueue(depthMax: 3)
    #expect(queue.take(deadline: 0).jobs.isEmpty)
    #expect(queue.push(write) == nil)
    #expect(queue.take(deadline: 0).jobs.count == 1)
  }

  @Test func `a closed queue refuses but gives what it has`() {
    let queue = WriteQueue(depthMax: 3)
    #expect(queue.push(write) == nil)
    queue.close()
    #expect(queue.push(write)?.kind == .stopped)
    #expect(queue.push { _ in } != nil)
    let (jobs, isClosed) = queue.take(deadline: nil)
    #expect(jobs.count == 1)
    #expect(isClosed)
    #expect(queue.take(deadline: nil).jobs.isEmpty)
  }

  @Test func `a refusal meets writes alone`() {
    let queue = WriteQueue(depthMax: 3)
    queue.refuse(DatabaseError(.stopped, "The disk failed."))
    #expect(queue.push(write)?.message == "The disk failed.")
    #expect(queue.push { _ in } == nil)
  }

  @Test func `closing wakes the one who sleeps`() throws {
    let queue = WriteQueue(depthMax: 3)
    let ended = Handover<Bool>()
    try startThread(name: "taker") { ended.set(queue.take(deadline: nil).isClosed) }
    queue.close()
    #expect(ended.wait())
  }

  // Times out all the time while others push, so that a signal lost between the two would hang it.
  @Test func `no job and no wake-up is lost around time-outs`() throws {
    let queue = WriteQueue(depthMax: .max)
    let each = 20_000
    let taken = Handover<Int>()
    try startThread(name: "taker") {
      var count = 0
      while true {
        let wait = UInt64(count % 7) * 3000
        let (jobs, isClosed) = queue.take(
          deadline: count % 5 == 0 ? nil : monotonicNanoseconds() + wait)
        count += jobs.count
        if isClosed && jobs.isEmpty { return taken.set(count) }
      }
    }
    let write = write
    try onThreads(4) { _ in
      for _ in 0..<each { _ = queue.push(write) }
    }
    queue.close()
    #expect(taken.wait() == 4 * each)
  }
}
