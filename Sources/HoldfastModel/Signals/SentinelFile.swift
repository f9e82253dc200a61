/// A signal that an old agent left as a file: its name says what, its content may say more.
public struct SentinelFile: Hashable, Sendable {
  /// What the signal says.
  public let type: SignalType
  /// The task that it is about.
  public let plan: TaskFilename
  /// The payload when the name holds it, or `nil` when the content of the file is the payload.
  public let payload: String?

  /// Reads the name of a file in a signals folder.
  ///
  ///     SentinelFile.parse(name: "implement-task-finished-w2-t5-auth")
  ///     // implement_task_finished, auth, {"wave_number":2,"task_number":5}
  ///
  /// - Parameter name: The last component of the path.
  /// - Returns: The signal, or `nil` for every other file, `.reason` files among them.
  public static func parse(name: String) -> SentinelFile? {
    guard !name.utf8.suffix(7).elementsEqual(".reason".utf8) else { return nil }
    if let rest = name.removingPrefix("implement-task-finished-") {
      guard let (wave, afterWave) = number("w", rest), let (task, plan) = number("t", afterWave)
      else { return nil }
      return make(
        .implementTaskFinished, plan, "{\"wave_number\":\(wave),\"task_number\":\(task)}")
    }
    if let rest = name.removingPrefix("implement-wave-") {
      guard let (wave, plan) = number("", rest) else { return nil }
      return make(.implementWave, plan, "{\"wave_number\":\(wave)}")
    }
    for (prefix, type) in plain {
      guard let plan = name.removingPrefix(prefix) else { continue }
      return make(type, plan, type == .elaboratorFinished ? "" : nil)
    }
    return nil
  }

  private static let plain: [(String, SignalType)] = [
    ("planner-finished-", .plannerFinished),
    ("implement-finished-", .implementFinished),
    ("review-approved-", .reviewApproved),
    ("review-changes-", .reviewChangesRequested),
    ("elaborator-finished-", .elaboratorFinished),
  ]

  /// Splits `w12-rest` into 12 and `rest`.
  private static func number(_ letter: String, _ text: String) -> (Int64, String)? {
    guard let tail = text.removingPrefix(letter) else { return nil }
    let digits = tail.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let value = Int64(String(decoding: digits, as: UTF8.self)),
      let rest = String(decoding: tail.utf8.dropFirst(digits.count), as: UTF8.self)
        .removingPrefix("-")
    else { return nil }
    return (value, rest)
  }

  private static func make(_ type: SignalType, _ plan: String, _ payload: String?) -> SentinelFile?
  {
    guard let plan = try? TaskFilename(plan) else { return nil }
    return SentinelFile(type: type, plan: plan, payload: payload)
  }
}

extension String {
  /// What follows `prefix`, compared by bytes, or `nil` when this text does not begin with it.
  fileprivate func removingPrefix(_ prefix: String) -> String? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }
}
