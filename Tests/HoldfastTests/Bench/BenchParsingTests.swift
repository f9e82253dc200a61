import Testing

@testable import holdfast

@Suite struct BenchParsingTests {
  @Test func `what a script prints last is the result of a load`() throws {
    let output = """
      Running 1s test @ http://127.0.0.1:1
      {"requests":100,"microseconds":2000000,"p50":1500,"p99":9000,"max":12000,"refused":1,\
      "broken":2,"issued":103,"granted":50,"empty":3,"distinct":49,"twice":1}

      """
    let result = try #require(Wrk.result(in: Array(output.utf8)))
    #expect(result.rate == 50)
    #expect(result.p50 == 1.5)
    #expect(result.p99 == 9)
    #expect(result.refused == 1)
    #expect(result.broken == 2)
    #expect(result.issued == 103)
    #expect(result.granted == 50)
    #expect(result.distinct == 49)
    #expect(result.twice == 1)
    #expect(Wrk.result(in: Array("unable to connect".utf8)) == nil)
  }

  @Test func `two clients at once add up, and the slower one says how long it took`() {
    let one = Wrk.Result(
      requests: 10, seconds: 2, p50: 1, p99: 8, max: 9, refused: 1, broken: 3, granted: 3)
    let two = Wrk.Result(
      requests: 30, seconds: 1.5, p50: 2, p99: 4, max: 5, refused: 4, broken: 2, granted: 4)
    let both = one.adding(two)
    #expect(both.rate == 20)
    #expect(both.p50 == 2)
    #expect(both.p99 == 8)
    #expect(both.max == 9)
    #expect(both.refused == 5)
    #expect(both.broken == 5)
    #expect(both.granted == 7)
  }

  @Test func `a rate of pgbench counts when nothing failed`() {
    let text = """
      number of transactions actually processed: 123
      number of failed transactions: 0 (0.000%)
      latency average = 4.728 ms
      tps = 13535.250000 (without initial connection time)

      """
    #expect(BenchCluster.rate(in: text) == 13535.25)
    #expect(BenchCluster.rate(in: text.replacing(": 0 (", with: ": 1 (")) == nil)
    #expect(BenchCluster.rate(in: "") == nil)
  }

  @Test func `the times of a process are read behind its name`() {
    let fields = "S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 4 0"
    #expect(MachineClock.cpuTicks("12 (a ) b) \(fields)") == 300)
    #expect(MachineClock.cpuTicks("") == nil)
    let family = "S 41 1 1 0 -1 0 0 0 0 0 250 50 7 5 20 0 4 0"
    #expect(MachineClock.cpuTicks("12 (a ) b) \(family)", ofEndedChildren: true) == 12)
    #expect(MachineClock.parent("12 (a ) b) \(family)") == 41)
  }

  @Test func `idle time and waiting for a disk are not busy`() {
    #expect(MachineClock.busySeconds("cpu  1 2 4 1000 1000 8 16 32 64 0\ncpu0 9") == 63)
    #expect(MachineClock.busySeconds("") == 0)
  }

  @Test func `the memory of a process is counted in bytes`() {
    #expect(MachineClock.residentBytes("Name:\tx\nVmRSS:\t   2048 kB\n") == 2_097_152)
    #expect(MachineClock.residentBytes("Name:\tx\n") == nil)
  }

  @Test func `the file system of a path is that of the deepest mount above it`() {
    let mounts = """
      1 0 8:1 / / rw - ext4 /dev/sda rw
      2 1 0:2 / /tmp rw shared:1 - tmpfs tmpfs rw
      3 1 0:3 / /tmpother rw - xfs /dev/sdb rw
      """
    #expect(MachineFacts.fileSystem(of: "/home/a", mounts: mounts) == "ext4")
    #expect(MachineFacts.fileSystem(of: "/tmp/a", mounts: mounts) == "tmpfs")
    #expect(MachineFacts.fileSystem(of: "/tmpother/a", mounts: mounts) == "xfs")
    #expect(MachineFacts.fileSystem(of: "/a", mounts: "") == "unknown")
  }

  @Test func `a metric is found by its whole name`() {
    let page = Array("# HELP a_total x\na_total_b 1\na_total 42\n".utf8)
    #expect(ServerProcess.metric("a_total", in: page) == 42)
    #expect(ServerProcess.metric("b_total", in: page) == 0)
  }

  @Test func `the address of a server is in the line that it prints`() {
    let line = "task store listening on http://127.0.0.1:7433 (db: /a/b.db)"
    #expect(ServerProcess.address(in: line)?.port == 7433)
    #expect(ServerProcess.address(in: "shutting down...") == nil)
  }

  @Test(arguments: ["http://127.0.0.1:80", "http://localhost:80/"])
  func `a server on this machine is measured`(url: String) throws {
    #expect(try LoopbackAddress(url: url).port == 80)
  }

  @Test(arguments: [
    "http://example.org:80", "https://127.0.0.1:80", "127.0.0.1:80", "", "http://127.0.0.1",
  ])
  func `no other server is measured`(url: String) {
    #expect(throws: (any Error).self) { try LoopbackAddress(url: url) }
  }

  @Test func `the result of a Redis benchmark is the line of its test`() {
    let text = """
      "test","rps","avg","min","p50","p95","p99","max"
      "SET","7115.50","8.1","0.5","7.1","20.0","33.3","60.1"

      """
    #expect(Yardsticks.redisCells(text) == [7115.5, 8.1, 0.5, 7.1, 20, 33.3, 60.1])
    #expect(Yardsticks.redisCells("ERROR") == nil)
  }

  @Test func `nginx answers with as many bytes as it was asked for`() {
    let text = Yardsticks.configuration(port: 1, home: "/h", bodyBytes: 20)
    #expect(text.contains("return 200 '{\"content\":\"xxxxxx\"}';"))
    #expect(Yardsticks.configuration(port: 1, home: "/h", bodyBytes: 0).contains("return 200 '';"))
  }
}
