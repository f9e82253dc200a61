public import HoldfastJSON

/// What a value looks like on the wire; rendered as JSON Schema 2020-12.
public indirect enum FieldSchema: Sendable {
  /// Text; `format` is one of JSON Schema's, `choices` are all that is allowed when not empty.
  case text(
    format: String? = nil, choices: [String] = [], lengthMin: Int = 0, lengthMax: Int? = nil)
  case integer(min: Int64, max: Int64)
  /// A number of any kind from 0 on.
  case amount
  case boolean
  /// Bytes: text where they are UTF-8, else an object with their base64; see ``BytesValue``.
  case bytes
  case list(FieldSchema)
  /// A value of a named type, described once.
  case object(ObjectSchema)
  /// A value of any of these.
  case either([FieldSchema])
  /// Any JSON.
  case any

  /// The JSON Schema.
  ///
  /// - Parameter object: What stands for an object inside it: a reference, or the object's own schema.
  public func json(object: (ObjectSchema) -> JSON) -> JSON {
    switch self {
    case .text(let format, let choices, let lengthMin, let lengthMax):
      var text = JSONObject([("type", "string")])
      if let format { text.set("format", .string(format)) }
      if !choices.isEmpty { text.set("enum", .array(choices.map { .string($0) })) }
      if lengthMin > 0 { text.set("minLength", .number(JSONNumber(Int64(lengthMin)))) }
      if let lengthMax { text.set("maxLength", .number(JSONNumber(Int64(lengthMax)))) }
      return .object(text)
    case .integer(let min, let max):
      return .object(
        JSONObject([
          ("type", "integer"), ("minimum", .number(JSONNumber(min))),
          ("maximum", .number(JSONNumber(max))),
        ]))
    case .amount:
      return .object(JSONObject([("type", "number"), ("minimum", .number(JSONNumber(Int64(0))))]))
    case .boolean: return .object(JSONObject([("type", "boolean")]))
    case .bytes:
      let base64: JSON = [
        "type": "object", "required": ["base64"], "additionalProperties": false,
        "properties": ["base64": ["type": "string", "contentEncoding": "base64"]],
      ]
      return .object(JSONObject([("anyOf", .array([["type": "string"], base64]))]))
    case .list(let element):
      return .object(
        JSONObject([("type", "array"), ("items", element.json(object: object))]))
    case .object(let schema): return object(schema)
    case .either(let schemas):
      return .object(JSONObject([("anyOf", .array(schemas.map { $0.json(object: object) }))]))
    case .any: return .object(JSONObject())
    }
  }
}

/// The fields of a named type.
public struct ObjectSchema: Sendable {
  /// One field.
  public struct Field: Sendable {
    public var name: String
    public var description: String
    public var schema: FieldSchema
    public var isRequired: Bool
    public let isNullable: Bool
    /// What holds when the field is left out.
    public var defaultValue: JSON?
    /// Whether it says which agent makes the call.
    public var isCaller = false

    public init(
      name: String, description: String, schema: FieldSchema, isRequired: Bool = false,
      isNullable: Bool = false, defaultValue: JSON? = nil
    ) {
      self.name = name
      self.description = description
      self.schema = schema
      self.isRequired = isRequired
      self.isNullable = isNullable
      self.defaultValue = defaultValue
    }
  }

  public let name: String
  public var fields: [Field] = []

  public init(name: String, fields: [Field] = []) {
    self.name = name
    self.fields = fields
  }

  /// The JSON Schema of the object itself.
  ///
  /// - Parameters:
  ///   - closed: Whether other fields are refused.
  ///   - object: As ``FieldSchema/json(object:)`` has it.
  public func json(closed: Bool, object reference: (ObjectSchema) -> JSON) -> JSON {
    var properties = JSONObject()
    var required: [JSON] = []
    for field in fields {
      var schema = field.schema.json(object: reference)
      if field.isNullable {
        schema = .object(
          JSONObject([("anyOf", .array([schema, .object(JSONObject([("type", "null")]))]))]))
      }
      if case .object(var object) = schema {
        if !field.description.isEmpty { object.set("description", .string(field.description)) }
        if let value = field.defaultValue { object.set("default", value) }
        schema = .object(object)
      }
      properties.set(field.name, schema)
      if field.isRequired { required.append(.string(field.name)) }
    }
    var object = JSONObject([("type", "object"), ("properties", .object(properties))])
    if !required.isEmpty { object.set("required", .array(required)) }
    if closed { object.set("additionalProperties", false) }
    return .object(object)
  }
}
