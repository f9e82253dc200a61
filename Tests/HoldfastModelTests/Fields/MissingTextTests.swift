import HoldfastJSON
import HoldfastModel
import Testing

@Suite struct MissingTextTests {
  private func name(_ members: [(String, JSON)], _ matching: Fields.Matching)
    -> Result<TopicName, HoldfastError>
  {
    var fields = Fields(members, matching: matching)
    return Result { () throws(HoldfastError) in try fields.required("name", "The name.") }
  }

  private func refusal(_ result: Result<TopicName, HoldfastError>) -> String? {
    guard case .failure(let error) = result else { return nil }
    return error.message
  }

  @Test func `to the wire contracts a missing text is an empty one`() {
    for members in [[], [("name", JSON.null)], [("NAME", "")]] {
      #expect(refusal(name(members, .folded)) == "topic name must not be empty")
    }
  }

  @Test func `natively a missing text is missing`() {
    #expect(refusal(name([], .exact)) == "name is required")
    #expect(refusal(name([("name", "")], .exact)) == "topic name must not be empty")
  }

  @Test func `a missing number is missing on every door`() {
    var fields = Fields([], matching: .folded)
    let error = #expect(throws: HoldfastError.self) {
      try fields.required("number", "A number.", as: Int64.self)
    }
    #expect(error?.message == "number is required")
  }
}
