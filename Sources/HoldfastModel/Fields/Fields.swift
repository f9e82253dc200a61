public import HoldfastJSON

/// The fields of a request, read by an operation's initializer; or, run over no request, the
/// description of what that initializer would read.
///
/// The same straight-line code names, bounds and describes each field once:
///
///     init(reading fields: inout Fields) throws(HoldfastError) {
///       project = try fields.required("project", "The project.")
///       lease = try fields.value("lease_seconds", "Length of the lease.", in: 10...86_400, default: 60)
///     }
///
/// Over a request it parses and refuses with the field's name. Over ``describing()`` it collects the
/// JSON Schema and every read gives a placeholder.
public struct Fields: Sendable {
  /// How the keys of a request match the names of fields.
  public enum Matching: Sendable {
    /// By bytes. A key that no field has is refused.
    case exact
    /// Without regard to case and underscores, the last one wins, unknown keys are ignored: the rule
    /// of the existing wire contracts.
    case folded
  }

  private struct Member {
    let hash: UInt64
    let key: String
    let value: JSON
    let isTextual: Bool
    var isUsed = false

    init(_ member: (key: String, value: JSON), isTextual: Bool) {
      hash = Fields.foldedHash(member.key.utf8)
      key = member.key
      value = member.value
      self.isTextual = isTextual
    }
  }

  private let matching: Matching
  /// Whether a key that no field has is refused.
  public var refusesUnknown: Bool
  private var members: [Member]
  private var attachment: (name: String, bytes: [UInt8])?
  private var schema: ObjectSchema?
  /// The folder of the project that the request is about, on this machine; nil where it is not known.
  ///
  /// It is no field: a door that a stranger may use never takes it from a request.
  public var projectFolder: KnownFolder?
  /// The agent that makes the call, where a field that was read says so.
  public private(set) var callingAgent: AgentID?

  /// The fields of one request.
  ///
  /// - Parameters:
  ///   - members: Keys and values; where a key comes twice, the last one wins.
  ///   - texts: More of them, behind the others, whose values could only be written as text: those of
  ///     a path or a query. In them alone `12` and `true` may come as strings.
  public init(
    _ members: [(String, JSON)], texts: [(String, JSON)] = [], matching: Matching = .exact
  ) {
    self.matching = matching
    refusesUnknown = matching == .exact
    self.members =
      members.map { Member($0, isTextual: false) } + texts.map { Member($0, isTextual: true) }
  }

  /// The fields of a JSON object.
  public init(_ object: JSONObject, matching: Matching = .exact) {
    self.init(object.members.map { ($0.key, $0.value) }, matching: matching)
  }

  private init(describing name: String) {
    self.init([])
    schema = ObjectSchema(name: name)
  }

  /// Collects what an initializer reads.
  ///
  /// - Parameter name: The name of the described type.
  public static func describe(
    _ name: String, _ read: (inout Fields) throws(HoldfastError) -> Void
  ) -> ObjectSchema {
    var fields = Fields(describing: name)
    do {
      try read(&fields)
    } catch {
      // A describing run has placeholders for all values; a rule that refuses them belongs in
      // `check()`. The test of all operations' schemas finds such a one.
      return ObjectSchema(name: "\(name): \(error.message)")
    }
    return fields.schema ?? ObjectSchema(name: name)
  }

  /// What an initializer makes of nothing: the placeholder of a value whose fields may all be left out.
  public static func ofNothing<T>(_ read: (inout Fields) throws(HoldfastError) -> T) -> T {
    var fields = Fields([])
    do {
      return try read(&fields)
    } catch {
      preconditionFailure("no field of \(T.self) may be required: \(error)")
    }
  }

  // MARK: Reading

  /// A field that must be there.
  public mutating func required<T: FieldValue>(
    _ name: StaticString, _ description: String, as type: T.Type = T.self
  ) throws(HoldfastError) -> T {
    if describe(name, description, T.fieldSchema, required: true) { return T.placeholder }
    guard let (json, field) = takeValue(name) else {
      // To the wire contracts a missing text is an empty one, refused in the words for that.
      if matching == .folded, case .text = T.fieldSchema {
        return try T(.string(""), field: FieldPosition("\(name)"))
      }
      throw missing(name)
    }
    return try T(json, field: field)
  }

  /// A field that may be left out or null.
  public mutating func optional<T: FieldValue>(
    _ name: StaticString, _ description: String, as type: T.Type = T.self
  ) throws(HoldfastError) -> T? {
    if describe(name, description, T.fieldSchema, nullable: true) { return nil }
    guard let (json, field) = takeValue(name) else { return nil }
    return try T(json, field: field)
  }

  /// The agent that makes the call, which may be left out or null.
  public mutating func caller(
    _ name: StaticString, _ description: String
  ) throws(HoldfastError) -> AgentID? {
    let agent: AgentID? = try optional(name, description)
    if let agent { callingAgent = agent }
    describeCaller()
    return agent
  }

  /// Who makes the call: an agent, or a person by a name; nil when nobody is named.
  public mutating func speaker(
    _ name: StaticString, _ description: String
  ) throws(HoldfastError) -> WorkerName? {
    let speaker: WorkerName? = try optional(name, description)
    describeCaller()
    return speaker
  }

  /// The agent that makes the call.
  public mutating func requiredCaller(
    _ name: StaticString, _ description: String
  ) throws(HoldfastError) -> AgentID {
    let agent: AgentID = try required(name, description)
    callingAgent = agent
    describeCaller()
    return agent
  }

  /// A field with a value that holds when it is left out or null.
  public mutating func value<T: FieldValue>(
    _ name: StaticString, _ description: String, default value: T
  ) throws(HoldfastError) -> T {
    if describe(name, description, T.fieldSchema, nullable: true, default: value.fieldJSON) {
      return value
    }
    guard let (json, field) = takeValue(name) else { return value }
    return try T(json, field: field)
  }

  /// A whole number within bounds.
  public mutating func value(
    _ name: StaticString, _ description: String, in range: ClosedRange<Int64>, default value: Int64
  ) throws(HoldfastError) -> Int64 {
    let schema = FieldSchema.integer(min: range.lowerBound, max: range.upperBound)
    if describe(name, description, schema, nullable: true, default: value.fieldJSON) {
      return value
    }
    guard let (json, field) = takeValue(name) else { return value }
    let number = try Int64(json, field: field)
    guard range.contains(number) else {
      throw field.mustBe(
        "a whole number from \(range.lowerBound) to \(range.upperBound), not \(number)")
    }
    return number
  }

  /// A text with a rule of its own on being empty.
  ///
  /// Left out or null it reads as an empty one, so that the rule refuses all three in the same
  /// words. `choices` are all that the rule allows, empty for any text.
  public mutating func text(
    _ name: StaticString, _ description: String, choices: [String] = []
  ) throws(HoldfastError) -> String {
    let schema = FieldSchema.text(choices: choices, lengthMin: 1)
    if describe(name, description, schema, required: true) { return choices.first ?? "text" }
    guard let (json, field) = takeValue(name) else { return "" }
    return try String(json, field: field)
  }

  /// A time that may be left out; nil for unset.
  public mutating func time(
    _ name: StaticString, _ description: String
  ) throws(HoldfastError) -> Timestamp? {
    try value(name, description, default: OptionalTime.unset).timestamp
  }

  /// Bytes: the request's own body, a string's UTF-8, or `{"base64": "…"}`.
  public mutating func bytes(
    _ name: StaticString, _ description: String
  ) throws(HoldfastError) -> [UInt8] {
    if describe(name, description, .bytes, required: true) { return [] }
    if let attachment, matches(attachment.name, name) { return attachment.bytes }
    guard let (json, field) = takeValue(name) else { throw missing(name) }
    return try BytesValue(json, field: field).bytes
  }

  /// Bytes that may be left out or null.
  public mutating func optionalBytes(
    _ name: StaticString, _ description: String
  ) throws(HoldfastError) -> [UInt8]? {
    if describe(name, description, .bytes, nullable: true) { return nil }
    if let attachment, matches(attachment.name, name) { return attachment.bytes }
    guard let (json, field) = takeValue(name) else { return nil }
    return try BytesValue(json, field: field).bytes
  }

  /// Gives a request's body, as it is, to the field of that name.
  public mutating func attach(_ bytes: [UInt8], as name: String) { attachment = (name, bytes) }

  /// A field of a merge patch (RFC 7396): left out keeps, null clears, a value sets.
  public mutating func change<T: FieldValue>(
    _ name: StaticString, _ description: String, as type: T.Type = T.self
  ) throws(HoldfastError) -> Change<T> {
    if describe(name, description, T.fieldSchema, nullable: true) { return .keep }
    guard let (json, field) = take(name) else { return .keep }
    return json.isNull ? .clear : .set(try T(json, field: field))
  }

  /// The keys of the request that no read has asked for; always empty where they are ignored.
  public var unknownKeys: [String] { refusesUnknown ? unreadKeys : [] }

  /// The same, also where they are ignored.
  private var unreadKeys: [String] { members.filter { !$0.isUsed }.map(\.key) }

  /// What to say of ignored keys that look like a slip of a field's name, a sentence each.
  ///
  /// - Parameter known: The names of all fields; asked for only where a key is ignored.
  public func slips(among known: () -> [String]) -> [String] {
    let ignored = refusesUnknown ? [] : unreadKeys
    guard !ignored.isEmpty else { return [] }
    let known = known()
    return ignored.filter { key in !known.contains { matches(key, $0) } }.compactMap { key in
      EditDistance.nearest(key, among: known).map {
        "there is no field \(key.quoted), and it was ignored; did you mean \($0.quoted)?"
      }
    }
  }

  // MARK: Parts

  private func missing(_ name: StaticString) -> HoldfastError {
    FieldPosition("\(name)").invalid("\(name) is required")
  }

  private mutating func describe(
    _ name: StaticString, _ description: String, _ fieldSchema: FieldSchema, required: Bool = false,
    nullable: Bool = false, default value: JSON? = nil
  ) -> Bool {
    guard schema != nil else { return false }
    schema?.fields.append(
      ObjectSchema.Field(
        name: "\(name)", description: description, schema: fieldSchema, isRequired: required,
        isNullable: nullable, defaultValue: value.flatMap { $0.isNull ? nil : $0 }))
    return true
  }

  /// Says of the field that was described last that it names who makes the call.
  private mutating func describeCaller() {
    guard let last = schema?.fields.indices.last else { return }
    schema?.fields[last].isCaller = true
  }

  /// The field as the request has it, null included.
  private mutating func take(_ name: StaticString) -> (JSON, FieldPosition)? {
    let hash = Self.foldedHash(name)
    var found: Member?
    for index in members.indices
    where members[index].hash == hash && matches(members[index].key, name) {
      members[index].isUsed = true
      found = members[index]
    }
    if let found { return (found.value, FieldPosition("\(name)", isTextual: found.isTextual)) }
    // A field that is not read as bytes can come that way too.
    guard let attachment, matches(attachment.name, name) else { return nil }
    return (BytesValue(attachment.bytes).json, FieldPosition("\(name)"))
  }

  /// The field, unless it is left out or null.
  private mutating func takeValue(_ name: StaticString) -> (JSON, FieldPosition)? {
    take(name).flatMap { $0.0.isNull ? nil : $0 }
  }

  private func matches(_ key: String, _ name: String) -> Bool {
    Self.folded(key.utf8).elementsEqual(Self.folded(name.utf8))
  }

  private func matches(_ key: String, _ name: StaticString) -> Bool {
    let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    switch matching {
    case .exact: return key.utf8.elementsEqual(bytes)
    case .folded: return Self.folded(key.utf8).elementsEqual(Self.folded(bytes))
    }
  }

  private static func folded<S: Sequence<UInt8>>(_ bytes: S) -> some Sequence<UInt8> {
    bytes.lazy.filter { $0 != UInt8(ascii: "_") }.map(lowered)
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  private static func foldedHash(_ name: StaticString) -> UInt64 {
    foldedHash(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  /// FNV-1a over the folded bytes: equal names have equal hashes under both ways of matching.
  private static func foldedHash<S: Sequence<UInt8>>(_ bytes: S) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes where byte != UInt8(ascii: "_") {
      hash = (hash ^ UInt64(lowered(byte))) &* 0x0000_0100_0000_01b3
    }
    return hash
  }
}

extension JSON {
  package var isNull: Bool {
    if case .null = self { true } else { false }
  }
}
