import HoldfastModel
import Testing

@Suite struct HoldfastErrorTests {
  @Test(arguments: [
    (400, "invalid_request"), (403, "not_allowed"), (404, "not_found"), (405, "method_not_allowed"),
    (409, "conflict"), (412, "revision_mismatch"), (413, "too_large"),
    (421, "misdirected_request"), (422, "idempotency_mismatch"), (500, "internal_error"),
    (501, "not_available"), (502, "unreachable"), (503, "unavailable"), (507, "storage_full"),
  ])
  func `a status alone has the most general code`(status: Int, name: String) {
    let code = HoldfastError.Code(status: status)
    #expect(code.name == name)
    #expect(code.httpStatus == status)
  }

  @Test(arguments: [200, 418, 504])
  func `a status that no code has is an error of the server`(status: Int) {
    #expect(HoldfastError.Code(status: status) == .internalError)
  }
}
