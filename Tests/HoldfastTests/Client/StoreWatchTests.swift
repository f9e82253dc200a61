import HoldfastClient
import HoldfastJSON
import HoldfastStore
import Testing

/// A runner that only says whether it holds a store.
private final class Holder: StoreRunner {
  var mayWait = true
  private(set) var closed = 0

  func run(_ call: OperationCall) throws -> JSON? { nil }

  func run(
    _ entry: StoreOperationEntry, _ fields: [(String, JSON)],
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) throws -> JSON { .null }

  func close() { closed += 1 }
}

/// Waiting for what others do in a store.
@Suite struct StoreWatchTests {
  private let holder = Holder()

  @Test func `a store of this process is let go of between two looks`() throws {
    var watch = StoreWatch(holder, seconds: nil, pause: 0)
    var waits: [Int64] = []
    for round in 1...2 {
      let found = try watch.next { wait in
        holder.mayWait = false
        waits.append(wait)
        return waits.count == round * 3 ? "found" : nil
      }
      #expect(found == "found")
      #expect(holder.closed == round * 3, "also behind what was found")
    }
    #expect(waits == [0, 0, 0, 0, 0, 0])
  }

  @Test func `where others have the store the call waits, but for the first`() throws {
    var watch = StoreWatch(holder, seconds: nil, pause: 0)
    var waits: [Int64] = []
    let found = try watch.next { wait in
      waits.append(wait)
      return waits.count == 3 ? wait : nil
    }
    #expect(found == 5000 && waits == [0, 5000, 5000] && holder.closed == 0)
    // It may be its own the next time.
    let other = try watch.next { wait in
      waits.append(wait)
      holder.mayWait = false
      return waits.count == 5 ? wait : nil
    }
    #expect(other == 0 && waits.suffix(2) == [5000, 0])
  }

  @Test func `no call waits longer than the time that is left`() throws {
    var watch = StoreWatch(holder, seconds: 30, pause: 0)
    var longest: Int64 = 0
    var looks = 0
    let found = try watch.next { wait in
      looks += 1
      longest = max(longest, wait)
      return looks == 2 ? true : nil
    }
    #expect(found == true && longest > 0 && longest <= 30_000)
  }

  @Test func `without time it looks as long as there is something, and keeps the store`() throws {
    var watch = StoreWatch(holder, seconds: 0, pause: 0)
    holder.mayWait = false
    var left = 3
    func look(_ wait: Int64) -> Int? {
      #expect(wait == 0)
      left -= 1
      return left >= 0 ? left : nil
    }
    var found: [Int] = []
    while let one = try watch.next(look) { found.append(one) }
    #expect(found == [2, 1, 0] && left == -1 && holder.closed == 0)
  }

  @Test func `it ends when nobody wants it any more`() throws {
    var watch = StoreWatch(holder, seconds: nil, pause: 0)
    var looks = 0
    let found = try watch.next(while: { looks < 2 }) { _ -> Bool? in
      looks += 1
      return nil
    }
    #expect(found == nil && looks == 2)
  }
}
