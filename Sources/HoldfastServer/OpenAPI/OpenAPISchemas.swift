internal import HoldfastJSON
internal import HoldfastModel

/// The named schemas of a description, each kept once.
///
/// A class, because schemas are met while others are being made; it lives in one call.
final class OpenAPISchemas {
  private var kept = JSONObject([("Error", OpenAPISchemas.error)])

  /// All of them, by name.
  var json: JSON {
    .object(JSONObject(kept.members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
  }

  /// Keeps a schema and gives its name, which differs from the type's own name where another form of
  /// the type (as input, or in the other shape) has that already.
  func name(_ schema: ObjectSchema, closed: Bool = false) -> String {
    let json = json(schema, closed: closed)
    var name = schema.name
    var count = 1
    while let other = kept[name], other != json {
      count += 1
      name = count == 2 ? schema.name + "Input" : "\(schema.name)Input\(count - 1)"
    }
    kept.set(name, json)
    return name
  }

  /// A reference to a schema that is kept.
  func reference(_ schema: ObjectSchema, closed: Bool = false) -> JSON {
    OpenAPI.reference("schemas", name(schema, closed: closed))
  }

  /// A schema where it stands.
  func json(_ schema: ObjectSchema, closed: Bool) -> JSON {
    schema.json(closed: closed) { reference($0) }
  }

  /// A field's schema where it stands, without its null: parameters have none.
  func json(_ field: ObjectSchema.Field) -> JSON {
    var json = field.schema.json { reference($0) }
    if case .object(var object) = json, let value = field.defaultValue {
      object.set("default", value)
      json = .object(object)
    }
    return json
  }

  private static let error: JSON = [
    "type": "object",
    "description": "A refusal: what is wrong, what is allowed, and what to do.",
    "properties": [
      "error": ["type": "string", "description": "A sentence for people."],
      "code": ["type": "string", "description": "The kind of failure, for programs."],
    ],
    "required": ["error"],
  ]
}
