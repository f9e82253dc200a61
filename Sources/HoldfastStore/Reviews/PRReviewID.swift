public import HoldfastJSON
public import HoldfastModel

/// The host's number of a review, refused in the contract's words.
public struct PRReviewID: FieldValue {
  public let number: Int64

  public static var fieldSchema: FieldSchema { Int64.fieldSchema }
  public static var placeholder: PRReviewID { PRReviewID(number: 1) }

  public init(number: Int64) { self.number = number }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard let number = try? Int64(json, field: field) else {
      let given = json.stringValue?.quoted ?? json.kind
      throw HoldfastError(
        .invalidField,
        "invalid review ID: \(given) is not a whole number from \(Int64.min) to \(Int64.max)")
    }
    self.number = number
  }

  public var fieldJSON: JSON { .number(JSONNumber(number)) }
}

/// Names the review that an operation is about.
public struct PRReviewTarget: Sendable {
  public let target: TaskTarget
  public let reviewID: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    let id: PRReviewID = try fields.required("review_id", "The host's number of the review.")
    reviewID = id.number
  }

  /// The refusal for a review, or its task, that is not there.
  var notFound: HoldfastError {
    HoldfastError(
      .notFound, "pr review not found: \(target.project)/\(target.task)#\(reviewID)")
  }
}
