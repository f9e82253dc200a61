public import HoldfastModel

/// Says where the log of the store ends, for whoever wants only what comes.
public struct EventLast: Query {
  public static let name = "event_last"
  public static let summary = "Says where the log of the store ends, to list only later events."
  public static let access = Access.read

  public init(reading fields: inout Fields) throws(HoldfastError) {}

  public func run(in view: StoreView) throws -> EventEnd {
    EventEnd(epoch: try view.epoch(), sequence: try view.lastSequence())
  }
}

/// The end of the log.
public struct EventEnd: Output {
  let epoch: Int64
  let sequence: Int64

  public static var placeholder: EventEnd { EventEnd(epoch: 1, sequence: 1) }

  public func write(_ out: inout ObjectWriter) {
    out.field("seq", sequence, "The number of the last event; 0 when there is none.")
    out.field(
      "next_cursor", EventCursor(epoch: epoch, number: sequence).text,
      "Where a list of later events starts.")
  }
}
