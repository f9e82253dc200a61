public import HoldfastModel

/// Gives one signal.
public struct SignalGet: Query {
  public static let name = "signal_get"
  public static let summary = "Gives one signal."
  public static let access = Access.read

  public let project: ProjectName
  public let id: SignalID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    id = try fields.required("id", "The signal's number.")
  }

  public func run(in view: StoreView) throws -> SignalAnswer {
    try view.answer(try view.signal(id, in: project), in: project)
  }
}
