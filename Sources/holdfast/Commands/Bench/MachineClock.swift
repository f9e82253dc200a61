import Glibc

/// Who has used the processors, read from /proc.
struct MachineClock: Sendable {
  /// Processor seconds that were used by anybody since the machine started.
  let busySeconds: Double

  /// Now.
  static func now() -> MachineClock {
    MachineClock(busySeconds: busySeconds(text(of: "/proc/stat")) / ticks)
  }

  /// The processor seconds of a process, its threads included; nil when it is gone.
  static func cpuSeconds(of process: pid_t) -> Double? {
    cpuTicks(text(of: "/proc/\(process)/stat")).map { Double($0) / ticks }
  }

  /// The processor seconds of this process.
  static func ownSeconds() -> Double { cpuSeconds(of: getpid()) ?? 0 }

  /// The resident memory of a process in bytes; nil when it is gone.
  static func residentBytes(of process: pid_t) -> Int? {
    residentBytes(text(of: "/proc/\(process)/status"))
  }

  private static var ticks: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

  /// A file of /proc as text; empty when there is none.
  static func text(of path: String) -> String {
    guard let bytes = try? FileBytes.bytes(of: path, upTo: 1 << 20) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// User and system ticks in the text of `/proc/PID/stat`.
  static func cpuTicks(_ text: String) -> Int? {
    // The name of the program may hold anything, also a parenthesis.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
      return nil
    }
    return user + system
  }

  /// The resident memory in the text of `/proc/PID/status`.
  static func residentBytes(_ text: String) -> Int? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
      .flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// All ticks but the idle ones in the first line of `/proc/stat`.
  static func busySeconds(_ text: String) -> Double {
    let line = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst()
    // user nice system idle iowait irq softirq steal; guest time is part of user.
    let counts = line.prefix(8).map { Double($0) ?? 0 }
    return counts.enumerated().reduce(0) { $1.offset == 3 || $1.offset == 4 ? $0 : $0 + $1.element }
  }
}
