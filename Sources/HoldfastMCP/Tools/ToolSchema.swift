internal import HoldfastJSON
internal import HoldfastModel

/// The JSON Schema of a tool's arguments: short, because every agent reads all of them.
struct ToolSchema {
  /// Which fields of objects inside arguments are shown, without a word about them; nil for all, with
  /// what can also be said as an object in that form, too.
  ///
  /// The tool takes the others as well.
  private let nested: [String]?

  /// The arguments of a tool.
  static func input(of tool: Tool) -> JSON {
    let schema = ToolSchema(nested: tool.nested)
    var properties = JSONObject()
    var required: [JSON] = []
    for field in tool.arguments.map(\.field) {
      properties.set(field.name, schema.json(field))
      // Who calls and where may be said beside the call.
      if field.isRequired, !CallIdentity.mayGive(field) {
        required.append(.string(field.name))
      }
    }
    var object = JSONObject([("type", "object")])
    if !properties.members.isEmpty { object.set("properties", .object(properties)) }
    if !required.isEmpty { object.set("required", .array(required)) }
    object.set("additionalProperties", false)
    return .object(object)
  }

  private func json(_ field: ObjectSchema.Field, isNested: Bool = false) -> JSON {
    guard case .object(var schema) = short(field.schema) else { return .object(JSONObject()) }
    if isNested, nested != nil { return .object(schema) }
    if !field.description.isEmpty, !CallIdentity.mayGive(field) {
      schema.set("description", .string(field.description))
    }
    if let value = field.defaultValue, !isPlain(value) { schema.set("default", value) }
    return .object(schema)
  }

  /// What a reader takes for granted.
  private func isPlain(_ value: JSON) -> Bool {
    switch value {
    case .bool(let flag): !flag
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .number(let number): number.int64 == 0
    case .null: true
    case .object(let object): object.members.isEmpty
    }
  }

  private func short(_ schema: FieldSchema) -> JSON {
    switch schema {
    case .integer(let min, let max):
      var object = JSONObject([("type", "integer")])
      if min > -1_000_000_000 { object.set("minimum", .number(JSONNumber(min))) }
      if max < 1_000_000_000 { object.set("maximum", .number(JSONNumber(max))) }
      return .object(object)
    case .text(let format, let choices, _, _):
      return FieldSchema.text(format: format, choices: choices).json { _ in [:] }
    case .bytes: return ["type": "string"]
    case .list(let element): return ["type": "array", "items": short(element)]
    case .either(let schemas):
      // Where words are spared, the simple forms say enough.
      let shown = nested == nil ? schemas : schemas.filter { !$0.isObject }
      if shown.count == 1 { return short(shown[0]) }
      return .object(JSONObject([("anyOf", .array(shown.map(short)))]))
    case .object(let object):
      var properties = JSONObject()
      for field in object.fields where nested?.contains(field.name) ?? true {
        properties.set(field.name, json(field, isNested: true))
      }
      var json = JSONObject([("type", "object")])
      if !properties.members.isEmpty { json.set("properties", .object(properties)) }
      let required = object.fields.filter(\.isRequired).map { JSON.string($0.name) }
      if !required.isEmpty { json.set("required", .array(required)) }
      return .object(json)
    case .amount, .boolean, .any: return schema.json { _ in [:] }
    }
  }
}

extension FieldSchema {
  fileprivate var isObject: Bool { if case .object = self { true } else { false } }
}
