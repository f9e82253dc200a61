internal import HoldfastJSON
internal import HoldfastModel

/// An argument of a tool: a field of its operation, under its own name or under that of an older contract.
struct ToolArgument: Sendable {
  /// The field as callers see it.
  var field: ObjectSchema.Field
  /// Other names that it is taken under; lists of tools do not show them.
  var others: [String] = []
  /// The operation's name of the field.
  let target: String
  /// Makes what the operation takes of what callers give; nil where that is the same.
  var convert: Conversion?
  /// Whether it says something about the answer, and is nothing to the operation.
  var isLocal = false

  typealias Conversion = @Sendable (JSON) throws -> JSON

  var name: String { field.name }

  /// The field as it is.
  init(_ field: ObjectSchema.Field) {
    self.field = field
    target = field.name
  }

  /// What an older contract calls a field, as the list of a tool's arguments names it.
  struct Spec: Sendable, ExpressibleByStringLiteral {
    let target: String
    var name: String
    var others: [String] = []
    var isRequired: Bool?
    var description: String?
    var schema: FieldSchema?
    var defaultValue: JSON?
    var convert: Conversion?
    var isLocal = false

    /// A field under its own name.
    init(stringLiteral name: String) {
      target = name
      self.name = name
    }

    /// - Parameters:
    ///   - name: What callers call it.
    ///   - target: What the operation calls it; nil for the same.
    ///   - others: Other names that it is taken under.
    ///   - isRequired: Whether it must be there; nil for as the operation has it.
    ///   - description: What it is, in the words of a tool; nil for the operation's.
    ///   - schema: What it looks like; nil for as the operation has it.
    ///   - default: What holds without it, where that is the tool's own rule.
    ///   - convert: Makes what the operation takes.
    init(
      _ name: String, of target: String? = nil, or others: [String] = [],
      required isRequired: Bool? = nil, _ description: String? = nil, as schema: FieldSchema? = nil,
      default value: JSON? = nil, convert: Conversion? = nil
    ) {
      self.target = target ?? name
      self.name = name
      self.others = others
      self.isRequired = isRequired
      self.description = description
      self.schema = schema
      defaultValue = value
      self.convert = convert
    }
  }

  /// An argument that stands for one of these fields, or for none; nil when there is no such field.
  init?(_ spec: Spec, among fields: [ObjectSchema.Field]) {
    isLocal = spec.isLocal
    let own =
      spec.isLocal
      ? ObjectSchema.Field(name: spec.name, description: "", schema: spec.schema ?? .any) : nil
    guard var field = own ?? fields.first(where: { $0.name == spec.target }) else { return nil }
    target = field.name
    field.name = spec.name
    if let isRequired = spec.isRequired { field.isRequired = isRequired }
    if let description = spec.description { field.description = description }
    if let schema = spec.schema { field.schema = schema }
    if let value = spec.defaultValue { field.defaultValue = value }
    self.field = field
    others = spec.others
    convert = spec.convert
  }

  func isCalled(_ name: String) -> Bool { name == self.name || others.contains(name) }
}
