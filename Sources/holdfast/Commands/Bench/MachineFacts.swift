private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// Where and when something was measured.
struct MachineFacts: Sendable {
  let date: String
  let processor: String
  let processors: Int
  let memoryMegabytes: Int
  let system: String
  let kernel: String
  /// The kind of the file system that holds the stores.
  let fileSystem: String
  /// How busy the machine was at the start: the load of the last minute.
  let load: String

  /// The facts of this machine.
  /// - Parameter folder: The real path of the folder that holds the stores.
  init(storesIn folder: String) {
    date = Timestamp(nanoseconds: wallNanoseconds() / 1_000_000_000 * 1_000_000_000).description
    let information = MachineClock.text(of: "/proc/cpuinfo")
    processor = Self.value("model name", in: information, separator: ":") ?? "unknown"
    processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let memory = Self.value(
      "MemTotal", in: MachineClock.text(of: "/proc/meminfo"), separator: ":")
    memoryMegabytes = (memory?.split(separator: " ").first.flatMap { Int($0) } ?? 0) / 1024
    let release = Self.value(
      "PRETTY_NAME", in: MachineClock.text(of: "/etc/os-release"), separator: "=")
    system = release.map { $0.filter { $0 != "\"" } } ?? "Linux"
    let kernel = MachineClock.text(of: "/proc/sys/kernel/osrelease")
    self.kernel = String(kernel.prefix { $0 != "\n" })
    fileSystem = Self.fileSystem(
      of: folder, mounts: MachineClock.text(of: "/proc/self/mountinfo"))
    load = String(MachineClock.text(of: "/proc/loadavg").prefix { $0 != " " })
  }

  /// Whether the stores are in memory, where syncing costs nothing.
  var isInMemory: Bool { fileSystem == "tmpfs" || fileSystem == "ramfs" }

  /// The facts for people.
  var lines: [String] {
    [
      "holdfast \(HoldfastVersion.current), \(date)",
      "\(processor), \(processors) processors, \(memoryMegabytes.grouped) MB of memory, "
        + "\(system), Linux \(kernel), \(fileSystem)",
      "load before the start: \(load)",
    ]
  }

  /// The facts as JSON.
  var json: JSON {
    .object(
      JSONObject([
        ("holdfast", .string(HoldfastVersion.current)), ("date", .string(date)),
        ("processor", .string(processor)),
        ("processors", .number(JSONNumber(Int64(processors)))),
        ("memory_mb", .number(JSONNumber(Int64(memoryMegabytes)))), ("system", .string(system)),
        ("kernel", .string(kernel)), ("file_system", .string(fileSystem)),
        ("load_before", .string(load)),
      ]))
  }

  /// The value of the first line that begins with a name.
  static func value(_ name: String, in text: String, separator: Character) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    guard let value = line?.split(separator: separator, maxSplits: 1).dropFirst().first else {
      return nil
    }
    return String(value.drop { $0 == " " || $0 == "\t" })
  }

  /// The kind of the file system that holds a path, in the text of `/proc/self/mountinfo`.
  static func fileSystem(of path: String, mounts: String) -> String {
    var best = (length: -1, kind: "unknown")
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else {
        continue
      }
      let point = fields[4]
      let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
      if isAbove, point.count >= best.length { best = (point.count, String(fields[dash + 1])) }
    }
    return best.kind
  }
}
