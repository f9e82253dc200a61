public import HoldfastJSON
public import HoldfastModel

/// Conditions as a field.
public struct FilterField: FieldValue {
  let conditions: TaskConditions

  public static var fieldSchema: FieldSchema {
    .object(
      Fields.describe("TaskConditions") { fields throws(HoldfastError) in
        _ = try TaskConditions(reading: &fields)
      })
  }
  public static var placeholder: FilterField {
    Fields.ofNothing { fields throws(HoldfastError) in
      FilterField(conditions: try TaskConditions(reading: &fields))
    }
  }

  private init(conditions: TaskConditions) { self.conditions = conditions }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    var fields = Fields(object)
    conditions = try TaskConditions(reading: &fields)
    try fields.refuseUnknown(in: field, Self.fieldSchema)
    guard !object.members.isEmpty else {
      throw field.mustBe("an object with at least one condition")
    }
  }
}

/// A patch as a field.
public struct PatchField: FieldValue {
  let rows: RowPatch

  public static var fieldSchema: FieldSchema {
    .object(
      Fields.describe("TaskRowPatch") { fields throws(HoldfastError) in
        _ = try RowPatch(reading: &fields)
      })
  }
  public static var placeholder: PatchField {
    Fields.ofNothing { fields throws(HoldfastError) in
      PatchField(rows: try RowPatch(reading: &fields))
    }
  }

  private init(rows: RowPatch) { self.rows = rows }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    var fields = Fields(object)
    rows = try RowPatch(reading: &fields)
    try fields.refuseUnknown(in: field, Self.fieldSchema)
  }
}

extension Fields {
  /// Refuses a member of a field's object that nobody reads.
  func refuseUnknown(
    in field: FieldPosition, _ schema: FieldSchema
  ) throws(HoldfastError) {
    var known: [String] = []
    if case .object(let object) = schema { known = object.fields.map(\.name) }
    guard let unknown = unknownKeys.first(where: { !known.contains($0) }) else { return }
    throw HoldfastError(
      .unknownField,
      "\(field.name) has no field \(unknown.quoted)\(EditDistance.hint(unknown, among: known))",
      details: [("field", .string(unknown))])
  }
}
