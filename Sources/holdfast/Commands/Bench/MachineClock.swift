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

  /// The processor seconds of a process and of its children, those that have ended included; nil
  /// when it is gone.
  static func familySeconds(of process: pid_t) -> Double? {
    let own = text(of: "/proc/\(process)/stat")
    guard let ticks = cpuTicks(own), let ended = cpuTicks(own, ofEndedChildren: true) else {
      return nil
    }
    let children = (Path.names(in: "/proc") ?? []).filter { $0.allSatisfy(\.isNumber) }
      .map { text(of: "/proc/\($0)/stat") }.filter { parent($0) == process }
    let running = children.compactMap { cpuTicks($0) }.reduce(0, +)
    return Double(ticks + ended + running) / Self.ticks
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

  /// User and system ticks in the text of `/proc/PID/stat`: its own, or those of its children that
  /// have ended.
  static func cpuTicks(_ text: String, ofEndedChildren: Bool = false) -> Int? {
    let (user, system) = ofEndedChildren ? (13, 14) : (11, 12)
    guard let user = number(user, in: text), let system = number(system, in: text) else {
      return nil
    }
    return user + system
  }

  /// The process that started the one of the text of `/proc/PID/stat`.
  static func parent(_ text: String) -> pid_t? { number(1, in: text).map { pid_t($0) } }

  /// A number behind the name of the program in the text of `/proc/PID/stat`.
  private static func number(_ place: Int, in text: String) -> Int? {
    // The name may hold anything, also a parenthesis.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > place ? Int(fields[place]) : nil
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
