import Glibc
import HoldfastJSON
import Testing

@testable import holdfast

@Suite struct TOMLTests {
  /// The levels of the deepest documents; the thread sanitizer follows only 65,536 calls.
  static let depth = dlsym(nil, "__tsan_init") == nil ? 200_000 : 2_000

  func read(_ text: String) throws(TOML.Failure) -> String {
    JSON.object(try TOML.read(Array(text.utf8))).renderedText()
  }

  @Test(arguments: [
    ("", "{}"),
    ("# only a comment\n", "{}"),
    ("a = 1\nb = -2\nc = 0x10\nd = 1_000", #"{"a":1,"b":-2,"c":16,"d":1000}"#),
    (
      "a = 9223372036854775807\nb = -9223372036854775808",
      #"{"a":9223372036854775807,"b":-9223372036854775808}"#
    ),
    ("a = 1.0\nb = 1e300\nc = 0.1", #"{"a":1.0,"b":1e+300,"c":0.1}"#),
    ("a = nan\nb = inf\nc = -inf", #"{"a":"nan","b":"inf","c":"-inf"}"#),
    ("a = true\nb = false", #"{"a":true,"b":false}"#),
    (#"a = "\u0000\"\\\t\u001f é""#, #"{"a":"\u0000\"\\\t\u001f é"}"#),
    ("a = '''\nx\ny'''", #"{"a":"x\ny"}"#),
    (
      "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00.999999-07:00",
      #"{"a":"1979-05-27T07:32:00Z","b":"1979-05-27T00:32:00.999999-07:00"}"#
    ),
    (
      "a = 1979-05-27T07:32:00\nb = 1979-05-27\nc = 07:32:00",
      #"{"a":"1979-05-27T07:32:00","b":"1979-05-27","c":"07:32:00"}"#
    ),
    ("[t]\nk = [1, \"x\", {y = 2}]\n[t.u]\nv = 1", #"{"t":{"k":[1,"x",{"y":2}],"u":{"v":1}}}"#),
    ("a.b.c = 1\n\"d.e\" = 2", #"{"a":{"b":{"c":1}},"d.e":2}"#),
    ("[[p]]\nn = 1\n[[p]]\nn = 2", #"{"p":[{"n":1},{"n":2}]}"#),
    ("\u{FEFF}a = 1", #"{"a":1}"#),
    ("a = 1\r\nb = 2\r\n", #"{"a":1,"b":2}"#),
  ])
  func `a document becomes JSON`(text: String, json: String) throws {
    #expect(try read(text) == json)
  }

  @Test(arguments: [
    ("a = \n", 1, 5), ("a = 1\nb = [1, \n", 2, 10), ("a = 1\na = 2", 2, 5), ("x", 1, 2),
    ("ok = 1\n[t\n", 2, 3), ("a = 99999999999999999999", 1, 25), ("é = 1", 1, 1),
  ])
  func `what is no TOML has a place`(text: String, line: Int, column: Int) {
    let failure = #expect(throws: TOML.Failure.self) { try read(text) }
    #expect(failure?.line == line)
    #expect(failure?.column == column)
    #expect(failure?.message.isEmpty == false)
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    #expect(throws: TOML.Failure.self) { try TOML.read([0x61, 0x3D, 0x22, 0xFF, 0x22]) }
    #expect(throws: TOML.Failure.self) { try TOML.read([0x61, 0, 0x3D, 0x31]) }
  }

  @Test(arguments: [
    "[" + Array(repeating: "a", count: depth).joined(separator: ".") + "]",
    "[" + Array(repeating: "a", count: depth).joined(separator: ".") + "]\nb =",
    "a = " + String(repeating: "[", count: 100_000),
    "a = " + String(repeating: "{b=", count: 100_000),
    String(repeating: "a.", count: 300) + "b = 1",
  ])
  func `depth has an end, and no document crashes`(text: String) {
    #expect(throws: TOML.Failure.self) { try read(text) }
  }

  @Test func `a document has at most a megabyte`() throws {
    let head = "a = 1\n#"
    let fill = String(repeating: "x", count: TOML.bytesMax - head.utf8.count)
    #expect(try read(head + fill) == #"{"a":1}"#)
    let failure = #expect(throws: TOML.Failure.self) { try read(head + fill + "x") }
    #expect(failure?.message == "the document is larger than 1 MiB")
  }

  @Test func `a key is found again`() {
    let bytes = Array("a = 1\n[t]\n  k = 2\n".utf8)
    #expect(TOML.position(of: ["t", "k"], in: bytes).map { [$0.line, $0.column] } == [3, 3])
    #expect(TOML.position(of: ["a"], in: bytes).map { [$0.line, $0.column] } == [1, 1])
    #expect(TOML.position(of: ["t", "x"], in: bytes) == nil)
    #expect(TOML.position(of: ["a", "x"], in: bytes) == nil)
    #expect(TOML.position(of: [], in: bytes) == nil)
  }
}
