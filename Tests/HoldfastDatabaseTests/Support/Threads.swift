import HoldfastDatabase

/// Runs `body` on this many threads of their own, and returns when all have ended.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
  let ended = Inbox<Int>()
  for number in 0..<count {
    try startThread(name: "test-\(number)") {
      body(number)
      ended.put(number)
    }
  }
  ended.wait(for: count)
}
