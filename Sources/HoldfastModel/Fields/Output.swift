/// A value that an operation answers with.
public protocol Output: Sendable {
  /// The name of its schema in that shape.
  static func schemaName(_ shape: ObjectWriter.Shape) -> String
  /// Any value, for the run that only describes.
  static var placeholder: Self { get }
  /// Writes, or describes, the fields.
  func write(_ out: inout ObjectWriter)
  /// The revision of the task that this is; nil for anything else.
  var revision: Int64? { get }
  /// The number of the event that has the text that is written as
  /// ``ObjectWriter/content(_:unlessEmpty:_:)``; nil without one.
  var textEvent: Int64? { get }
  /// How the bytes of ``ObjectWriter/raw(_:_:_:)`` are to be saved; nil where the route alone says what
  /// they are.
  var download: Download? { get }
  /// The text that stands for the value in that shape; nil where it is an object.
  func text(in shape: ObjectWriter.Shape) -> String?
}

extension Output {
  public var revision: Int64? { nil }
  public var textEvent: Int64? { nil }
  public var download: Download? { nil }
  public func text(in shape: ObjectWriter.Shape) -> String? { nil }

  /// The type's name; the contract's shape has a schema of its own.
  public static func schemaName(_ shape: ObjectWriter.Shape) -> String {
    shape == .native ? "\(Self.self)" : "Contract\(Self.self)"
  }
}

/// What is said of bytes that a client saves as a file.
public struct Download: Sendable {
  public let name: String
  public let type: MediaType

  public init(name: String, type: MediaType) {
    self.name = name
    self.type = type
  }
}
