import HoldfastModel
import HoldfastStore
import Testing

/// Every operation describes what it reads and answers.
@Suite struct OperationDescriptionTests {
  @Test(arguments: OperationCatalog.all.map(\.name))
  func `an operation describes itself`(name: String) throws {
    let entry = try #require(OperationCatalog.named(name))
    #expect(entry.input().name == name)
    #expect(entry.summary.hasSuffix("."))
    for field in entry.input().fields {
      #expect(!field.description.isEmpty, "\(field.name)")
    }
  }
}
