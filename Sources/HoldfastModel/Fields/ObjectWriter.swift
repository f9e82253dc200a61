public import HoldfastJSON

/// Writes the fields of an output; or, run over a placeholder, collects their description.
///
/// The counterpart of ``Fields``: one function of a type both renders it and describes it.
public struct ObjectWriter: Sendable {
  /// Whose wire format the output has.
  public enum Shape: Sendable {
    /// Snake case, RFC 3339 UTC times, unset values left out.
    case native
    /// The task-store contract's: HTML characters escaped, unset times written out.
    case contract
  }

  public let shape: Shape
  public private(set) var json: JSONWriter
  /// The bytes of the field written by ``raw(_:_:_:)``.
  public private(set) var raw: [UInt8]?
  /// Whether only ``raw`` is sent, so that its field need not be written as JSON.
  public var sendsRaw = false
  /// Whether the text of ``content(_:unlessEmpty:_:)`` is left out, and only its place noted.
  public var leavesOutText = false
  /// Where in ``bytes`` the text belongs that was left out.
  public private(set) var textPlace: Int?
  private var schema: ObjectSchema?

  public init(shape: Shape, reserving capacity: Int = 512) {
    self.shape = shape
    json = JSONWriter(escapingHTML: shape == .contract, reserving: capacity)
  }

  /// What has been written so far, but for what was taken.
  public var bytes: [UInt8] { json.bytes }

  /// Takes what has been written so far, to be sent ahead of the rest.
  public mutating func takeBytes() -> [UInt8] { json.takeBytes() }

  /// The description of an output type.
  public static func describe<T: Output>(_ type: T.Type, shape: Shape) -> ObjectSchema {
    var writer = ObjectWriter(shape: shape)
    writer.schema = ObjectSchema(name: T.schemaName(shape))
    T.placeholder.write(&writer)
    return writer.schema ?? ObjectSchema(name: T.schemaName(shape))
  }

  // MARK: Fields of an object

  /// A text that is always there.
  public mutating func field(_ name: StaticString, _ value: String, _ description: String) {
    if describe(name, description, .text(), required: true) { return }
    json.key(name)
    json.string(value)
  }

  /// A text that is left out when empty or nil.
  public mutating func field(
    _ name: StaticString, unlessEmpty value: String?, _ description: String
  ) {
    if describe(name, description, .text()) { return }
    guard let value, !value.isEmpty else { return }
    json.key(name)
    json.string(value)
  }

  /// Text that is null when nil.
  public mutating func field(
    _ name: StaticString, orNull value: String?, _ description: String
  ) {
    if describe(name, description, .text(), required: true, nullable: true) { return }
    json.key(name)
    if let value { json.string(value) } else { json.null() }
  }

  /// A whole number that is null when nil.
  public mutating func field(_ name: StaticString, orNull value: Int64?, _ description: String) {
    if describe(name, description, Int64.fieldSchema, required: true, nullable: true) { return }
    json.key(name)
    if let value { json.int(value) } else { json.null() }
  }

  /// A time in milliseconds since 1970, null when unset.
  public mutating func milliseconds(
    _ name: StaticString, orNull value: Timestamp?, _ description: String
  ) {
    field(name, orNull: value.map { $0.nanoseconds / 1_000_000 }, description)
  }

  /// A whole number that is always there.
  public mutating func field(_ name: StaticString, _ value: Int64, _ description: String) {
    if describe(name, description, Int64.fieldSchema, required: true) { return }
    json.key(name)
    json.int(value)
  }

  /// A whole number that is left out when 0.
  public mutating func field(
    _ name: StaticString, unlessZero value: Int64, _ description: String
  ) {
    if describe(name, description, Int64.fieldSchema) { return }
    guard value != 0 else { return }
    json.key(name)
    json.int(value)
  }

  /// A whole number that is left out when nil.
  public mutating func field(
    _ name: StaticString, unlessNil value: Int64?, _ description: String
  ) {
    if describe(name, description, Int64.fieldSchema) { return }
    guard let value else { return }
    json.key(name)
    json.int(value)
  }

  /// A number from 0 on as it is written, which may be longer than 64 bits.
  public mutating func field(_ name: StaticString, _ value: JSONNumber, _ description: String) {
    if describe(name, description, .amount, required: true) { return }
    json.key(name)
    json.number(value)
  }

  /// A number from 0 on as it is written; left out when nil.
  public mutating func field(
    _ name: StaticString, unlessNil value: JSONNumber?, _ description: String
  ) {
    if describe(name, description, .amount) { return }
    guard let value else { return }
    json.key(name)
    json.number(value)
  }

  /// JSON that is rendered already; left out when empty.
  public mutating func field(
    _ name: StaticString, rendered value: String, _ description: String
  ) {
    if describe(name, description, .any) || value.isEmpty { return }
    json.key(name)
    json.raw(Array(value.utf8))
  }

  /// An object of that type that is rendered already; left out when empty.
  public mutating func field<T: Output>(
    _ name: StaticString, rendered value: String, as type: T.Type, _ description: String
  ) {
    let shape = shape
    if describe(name, description, .object(Self.describe(T.self, shape: shape))) { return }
    guard !value.isEmpty else { return }
    json.key(name)
    json.raw(Array(value.utf8))
  }

  /// A boolean.
  public mutating func field(_ name: StaticString, _ value: Bool, _ description: String) {
    if describe(name, description, .boolean, required: true) { return }
    json.key(name)
    json.bool(value)
  }

  /// A boolean that is left out when true.
  public mutating func field(_ name: StaticString, ifFalse value: Bool, _ description: String) {
    if describe(name, description, .boolean) { return }
    guard !value else { return }
    json.key(name)
    json.bool(false)
  }

  /// A boolean that is left out when false.
  public mutating func field(_ name: StaticString, ifTrue value: Bool, _ description: String) {
    if describe(name, description, .boolean) { return }
    guard value else { return }
    json.key(name)
    json.bool(true)
  }

  /// A time: unset, it is left out natively and the year 1 in the contract.
  public mutating func time(_ name: StaticString, _ value: Timestamp?, _ description: String) {
    if describe(name, description, .text(format: "date-time"), required: shape == .contract) {
      return
    }
    guard value != nil || shape == .contract else { return }
    json.key(name)
    json.string(value?.description ?? Timestamp.unsetText)
  }

  /// A time that is left out when unset, in every shape.
  public mutating func time(
    _ name: StaticString, unlessUnset value: Timestamp?, _ description: String
  ) {
    if describe(name, description, .text(format: "date-time")) { return }
    guard let value else { return }
    json.key(name)
    json.string(value.description)
  }

  /// Text of any bytes: what is not UTF-8 shows as U+FFFD.
  public mutating func content(
    _ name: StaticString, unlessEmpty value: [UInt8], _ description: String
  ) {
    if describe(name, description, .text()) { return }
    guard !value.isEmpty else { return }
    json.key(name)
    guard leavesOutText else { return json.string(utf8: value) }
    json.raw([])
    textPlace = bytes.count
  }

  /// A text as ``content(_:unlessEmpty:_:)`` writes it.
  public static func rendered(text: [UInt8], shape: Shape) -> [UInt8] {
    var writer = ObjectWriter(shape: shape, reserving: text.count + 64)
    writer.json.string(utf8: text)
    return writer.bytes
  }

  /// The bytes themselves, for a route that sends nothing else; in an object as ``BytesValue``.
  public mutating func raw(_ name: StaticString, _ value: [UInt8], _ description: String) {
    if describe(name, description, .bytes, required: true) { return }
    raw = value
    if sendsRaw { return }
    json.key(name)
    json.value(BytesValue(value).json)
  }

  /// Bytes as ``BytesValue``, left out when nil.
  public mutating func bytes(_ name: StaticString, unlessNil value: [UInt8]?, _ description: String)
  {
    if describe(name, description, .bytes) { return }
    guard let value else { return }
    json.key(name)
    json.value(BytesValue(value).json)
  }

  /// An object inside this one.
  public mutating func object<T: Output>(
    _ name: StaticString, _ value: T, _ description: String
  ) {
    let shape = shape
    if describe(name, description, .object(Self.describe(T.self, shape: shape)), required: true) {
      return
    }
    json.key(name)
    self.value(value)
  }

  /// An object inside this one that is left out when nil.
  public mutating func object<T: Output>(
    _ name: StaticString, unlessNil value: T?, _ description: String
  ) {
    let shape = shape
    if describe(name, description, .object(Self.describe(T.self, shape: shape))) { return }
    if let value { object(name, value, description) }
  }

  /// A list of objects.
  public mutating func list<T: Output>(
    _ name: StaticString, _ values: [T], _ description: String
  ) {
    let shape = shape
    if describe(
      name, description, .list(.object(Self.describe(T.self, shape: shape))), required: true)
    {
      return
    }
    json.key(name)
    json.beginArray()
    for value in values { self.value(value) }
    json.endArray()
  }

  /// A list of objects that is left out when nil.
  public mutating func list<T: Output>(
    _ name: StaticString, unlessNil values: [T]?, _ description: String
  ) {
    let shape = shape
    if describe(name, description, .list(.object(Self.describe(T.self, shape: shape)))) { return }
    if let values { list(name, values, description) }
  }

  /// A list of objects that is left out when empty.
  public mutating func list<T: Output>(
    _ name: StaticString, unlessEmpty values: [T], _ description: String
  ) {
    let shape = shape
    if describe(name, description, .list(.object(Self.describe(T.self, shape: shape))))
      || values.isEmpty
    {
      return
    }
    list(name, values, description)
  }

  /// A list of texts.
  public mutating func list(_ name: StaticString, _ values: [String], _ description: String) {
    if describe(name, description, .list(.text()), required: true) { return }
    json.key(name)
    json.beginArray()
    for value in values { json.string(value) }
    json.endArray()
  }

  /// A list of texts that is left out when empty.
  public mutating func list(
    _ name: StaticString, unlessEmpty values: [String], _ description: String
  ) {
    if describe(name, description, .list(.text())) || values.isEmpty { return }
    list(name, values, description)
  }

  /// A list of texts that is left out when nil.
  public mutating func list(
    _ name: StaticString, unlessNil values: [String]?, _ description: String
  ) {
    if describe(name, description, .list(.text())) { return }
    if let values { list(name, values, description) }
  }

  /// JSON that is rendered already.
  public mutating func field(
    _ name: StaticString, rendered value: [UInt8], _ description: String
  ) {
    if describe(name, description, .any, required: true) { return }
    json.key(name)
    json.raw(value)
  }

  /// JSON that is rendered already; left out when empty.
  public mutating func field(
    _ name: StaticString, renderedUnlessEmpty value: [UInt8], _ description: String
  ) {
    if describe(name, description, .any) || value.isEmpty { return }
    json.key(name)
    json.raw(value)
  }

  // MARK: Documents

  /// One whole object, or the text that stands for it.
  public mutating func value<T: Output>(_ value: T) {
    if let text = value.text(in: shape) {
      json.string(text)
      return
    }
    json.beginObject()
    value.write(&self)
    json.endObject()
  }

  public mutating func beginArray() { json.beginArray() }
  public mutating func endArray() { json.endArray() }
  public mutating func beginObject() { json.beginObject() }
  public mutating func endObject() { json.endObject() }
  public mutating func key(_ name: StaticString) { json.key(name) }
  /// Ends a document, as the contract does, with a newline.
  public mutating func newline() { json.newline() }

  // MARK: Parts

  private mutating func describe(
    _ name: StaticString, _ description: String, _ fieldSchema: @autoclosure () -> FieldSchema,
    required: Bool = false, nullable: Bool = false
  ) -> Bool {
    guard schema != nil else { return false }
    schema?.fields.append(
      ObjectSchema.Field(
        name: "\(name)", description: description, schema: fieldSchema(), isRequired: required,
        isNullable: nullable, defaultValue: nil))
    return true
  }
}
