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

  @Test func `what a holder does with its task takes the fence of the claim`() {
    let without = OperationCatalog.all.filter { entry in
      let fields = entry.input().fields
      return entry.access == .write && fields.contains { $0.name == "task" && $0.isRequired }
        && !fields.contains { $0.name == "fence" }
    }
    // A deleted task is nobody's, and reviews are kept by who watches the host.
    #expect(
      without.map(\.name).sorted() == [
        "pr_review_fixer_dispatched", "pr_review_reacted", "pr_review_update", "task_restore",
      ])
  }
}
