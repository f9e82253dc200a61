import HoldfastJSON

/// The rules for the payload of a signal.
public enum SignalPayload {
  /// Returns the payload in the form in which it is stored, or refuses it.
  ///
  /// The types that carry a workflow event, `advance_wave` and `retry_wave` take any payload: valid
  /// JSON is kept to the byte, other text becomes `{"body":"…"}`, blank text is none. The others
  /// have rules of their own. Any type may say `"fsm_applied":true`.
  ///
  /// - Parameters:
  ///   - type: What the signal says.
  ///   - text: The caller's payload; empty for none.
  /// - Returns: The payload to store; empty for none.
  /// - Throws: ``HoldfastError`` 400 with a sentence that names the type and the rule.
  public static func canonical(
    for type: SignalType, text: String
  ) throws(HoldfastError) -> String {
    guard !text.utf8.contains(0) else {
      throw refusal(type, "it must not contain the character U+0000")
    }
    let json = parsed(text)
    try checkApplied(type, json)
    switch type {
    case .planStart, .plannerFinished, .implementStart, .implementFinished, .reviewApproved,
      .reviewChangesRequested, .advanceWave, .retryWave:
      return optional(text, json)
    case .verifyApproved, .verifyFailed:
      try checkVerification(type, json)
      return optional(text, json)
    case .implementTaskFinished:
      try checkWholeNumber("wave_number", type, json)
      try checkWholeNumber("task_number", type, json)
      return text
    case .implementWave:
      try checkWholeNumber("wave_number", type, json)
      return text
    case .plannerDraftFinished:
      return try draft(type, json)
    case .elaboratorFinished:
      if text.trimmed.isEmpty { return "" }
      guard case .object(let object)? = json, !object.members.isEmpty,
        object.members.allSatisfy({ UTF8Order.areSame($0.key, "fsm_applied") })
      else { throw refusal(type, "it must be empty") }
      return text
    case .needsDecision:
      return try decision(type, text, json)
    }
  }

  /// Whether a payload says that its transition has happened already, so that only what follows
  /// from it is left to do.
  public static func isTransitionApplied(_ payload: String) -> Bool {
    parsed(payload)?["fsm_applied"]?.boolValue ?? false
  }

  // MARK: Rules

  private static func optional(_ text: String, _ json: JSON?) -> String {
    if json != nil { return text }
    return text.trimmed.isEmpty ? "" : wrapped("body", text)
  }

  private static func checkApplied(_ type: SignalType, _ json: JSON?) throws(HoldfastError) {
    guard let applied = json?["fsm_applied"], applied.boolValue == nil else { return }
    throw refusal(type, "\"fsm_applied\" must be true or false, not \(applied.kind)")
  }

  private static func checkWholeNumber(
    _ key: String, _ type: SignalType, _ json: JSON?
  ) throws(HoldfastError) {
    guard let number = json?[key]?.int64Value, number >= 0 else {
      throw refusal(type, "it must be a JSON object with a whole number \"\(key)\"")
    }
  }

  private static func draft(_ type: SignalType, _ json: JSON?) throws(HoldfastError) -> String {
    guard case .object(var object)? = json,
      let planner = object["planner_id"]?.stringValue?.trimmed, !planner.isEmpty
    else { throw refusal(type, "it must be a JSON object with a non-empty \"planner_id\"") }
    object.members.removeAll { UTF8Order.areSame($0.key, "planner_id") }
    object.members.insert(.init(key: "planner_id", value: .string(planner)), at: 0)
    return JSON.object(object).renderedText()
  }

  private static func decision(
    _ type: SignalType, _ text: String, _ json: JSON?
  ) throws(HoldfastError) -> String {
    let missing = "it must have a non-empty \"reason\""
    switch json {
    case .object(var object)?:
      if let reason = object["reason"]?.stringValue, !reason.trimmed.isEmpty { return text }
      guard let body = object["body"]?.stringValue, !body.trimmed.isEmpty else {
        throw refusal(type, missing)
      }
      object.members.removeAll {
        UTF8Order.areSame($0.key, "reason") || UTF8Order.areSame($0.key, "body")
      }
      object.members.insert(.init(key: "reason", value: .string(body)), at: 0)
      return JSON.object(object).renderedText()
    case .string(let reason)?:
      guard !reason.trimmed.isEmpty else { throw refusal(type, missing) }
      return wrapped("reason", reason)
    case nil, .null?, .bool?, .number?, .array?:
      guard !text.trimmed.isEmpty else { throw refusal(type, missing) }
      return wrapped("reason", text)
    }
  }

  private static func checkVerification(
    _ type: SignalType, _ json: JSON?
  ) throws(HoldfastError) {
    for key in ["reviewed_sha", "reviewed_base_sha"] {
      guard let sha = try given(key, type, json) else { continue }
      guard sha.utf8.count == 40, sha.utf8.allSatisfy(isLowerHex) else {
        throw refusal(type, "\"\(key)\" must be 40 lower-case hex digits")
      }
    }
    if let origin = try given("origin", type, json) {
      guard ["master", "operator", "force_promoted", "auto"].contains(origin) else {
        throw refusal(
          type, "\"origin\" must be one of master, operator, force_promoted, auto")
      }
    }
  }

  /// The text of a member; `nil` when it is absent, null or empty, all of which mean "not given".
  private static func given(
    _ key: String, _ type: SignalType, _ json: JSON?
  ) throws(HoldfastError) -> String? {
    switch json?[key] {
    case nil, .null?: return nil
    case .string(let text)?: return text.isEmpty ? nil : text
    case let other?: throw refusal(type, "\"\(key)\" must be a string, not \(other.kind)")
    }
  }

  // MARK: Helpers

  private static func parsed(_ text: String) -> JSON? { try? JSONReader.read(Array(text.utf8)) }

  private static func wrapped(_ key: String, _ text: String) -> String {
    JSON.object(JSONObject([(key, .string(text))])).renderedText()
  }

  private static func isLowerHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  private static func refusal(_ type: SignalType, _ rule: String) -> HoldfastError {
    HoldfastError(.invalidField, "invalid payload for \(type.rawValue): \(rule)")
  }
}
