import HoldfastDatabase
import HoldfastModel
import HoldfastTesting
import Testing

@testable import HoldfastStore

/// The rules across fields hold on each way to a store, also where nobody has read the fields.
@Suite struct DoorCheckTests {
  private struct Answer: Output {
    static var placeholder: Answer { Answer() }
    func write(_ out: inout ObjectWriter) {}
  }

  private struct Refusing: Query {
    static let name = "refusing"
    static let summary = "Refuses."
    static let access = Access.read

    init() {}
    init(reading fields: inout Fields) throws(HoldfastError) {}

    func check() throws(HoldfastError) {
      throw HoldfastError(.invalidRequest, "two of its fields do not go together")
    }

    func run(in view: StoreView) throws -> Answer { Answer() }
  }

  private struct RefusingReport: Report {
    static let name = "refusing_report"
    static let summary = "Refuses."
    static let access = Access.read

    init() {}
    init(reading fields: inout Fields) throws(HoldfastError) {}

    func check() throws(HoldfastError) { try Refusing().check() }

    func run(on store: Store) throws -> Answer { Answer() }
  }

  @Test func `a report is checked`() throws {
    let store = try TestStore().store
    let refusal = #expect(throws: HoldfastError.self) { try store.run(RefusingReport()) }
    #expect(refusal?.code == .invalidRequest)
  }

  @Test func `a query is checked where it is run and where it is queued`() throws {
    let store = try TestStore().store
    let queued = Handover<Result<Answer, any Error>>()
    store.submit(Refusing()) { queued.set($0) }
    let answers = [queued.wait(), Result { try store.run(Refusing()) }]
    for answer in answers {
      let refusal = #expect(throws: HoldfastError.self) { try answer.get() }
      #expect(refusal?.code == .invalidRequest)
    }
  }
}
