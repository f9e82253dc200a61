import HoldfastDatabase
import Synchronization
import Testing

@Suite struct ClosingTests {
  @Test func `closing answers everybody once`() throws {
    let store = try TestStore()
    let endings = Endings()
    for number in 1...3 {
      let wait = WriteWait(key: "k", tag: "\(number)", deadline: .max) { true }
      store.database.queue("parked", to: endings, waiting: wait) { _ in .wait }
    }
    try store.database.write { _ in }
    let hold = WriterHold(store.database)
    for number in 1...50 { store.database.queuePut("\(number)", to: endings) }
    let closed = Handover<Bool>()
    let database = store.database
    try startThread(name: "closer") {
      database.close()
      closed.set(true)
    }
    hold.release()
    _ = closed.wait()
    let all = endings.all
    let parked = all.filter { $0.name == "parked" }
    #expect(parked.map(\.ending) == [.nothing, .nothing, .nothing])
    let done = all.filter { $0.name != "parked" }
    #expect(done.map(\.ending) == (1...50).map { .done("\($0)") })
    #expect(try withStore(store.path) { try $0.itemNames().count } == 50)
  }

  @Test func `a closed store refuses`() throws {
    let store = try TestStore()
    store.database.close()
    store.database.close()
    let endings = Endings()
    store.database.queuePut("a", to: endings)
    #expect(endings.all == [NamedEnding("a", .refused(.stopped))])
    let read = #expect(throws: DatabaseError.self) { try store.database.itemNames() }
    #expect(read?.kind == .stopped)
    let backup = #expect(throws: DatabaseError.self) {
      try store.database.backup(to: store.folder.file("copy")) { _, _ in }
    }
    #expect(backup?.kind == .stopped)
    #expect(throws: DatabaseError.self) { try store.database.checkIntegrity() }
  }

  @Test func `everybody who closes waits for the end`() throws {
    let store = try TestStore()
    try store.database.write { _ = try $0.put("a") }
    let hold = WriterHold(store.database)
    let leftovers = Inbox<[String]>()
    for _ in 0..<3 {
      try startThread(name: "closer") {
        store.database.close()
        leftovers.put(store.folder.names)
      }
    }
    hold.release()
    #expect(leftovers.wait(for: 3) == [["store.db"], ["store.db"], ["store.db"]])
  }

  @Test func `a completion may close the store`() throws {
    let store = try TestStore()
    let ended = Handover<Bool>()
    store.database.write({ try $0.put("a") }) { _ in
      store.database.close()
      ended.set(true)
    }
    _ = ended.wait()
    store.database.close()
    #expect(store.folder.names == ["store.db"])
  }

  @Test func `a completion may be the last that knows the store`() throws {
    let folder = TemporaryFolder()
    let last = Mutex<SQLiteDatabase?>(nil)
    let isLast = Handover<Bool>()
    let ended = Handover<Bool>()
    do {
      let database = try openStore(folder.file("store.db"))
      last.withLock { $0 = database }
      database.write({ try $0.put("a") }) { _ in
        _ = isLast.wait()
        last.withLock { $0 = nil }
        ended.set(true)
      }
    }
    isLast.set(true)
    #expect(ended.wait())
  }

  @Test func `readers beside a closing store are answered or refused`() throws {
    for _ in 0..<10 {
      let store = try TestStore()
      try store.database.write { _ = try $0.put("a") }
      let reading = Inbox<Int>()
      let problems = Inbox<String>()
      let ended = Inbox<Int>()
      for number in 0..<3 {
        try startThread(name: "reader") {
          defer { ended.put(number) }
          while true {
            do {
              if try store.database.itemNames() != ["a"] { problems.put("wrong") }
            } catch let error as DatabaseError where error.kind == .stopped {
              return
            } catch { problems.put("\(error)") }
            reading.put(number)
          }
        }
      }
      reading.wait(for: 20)
      store.database.close()
      #expect(store.folder.names == ["store.db"])
      ended.wait(for: 3)
      #expect(problems.all == [])
      #expect(store.folder.names == ["store.db"])
    }
  }
}
