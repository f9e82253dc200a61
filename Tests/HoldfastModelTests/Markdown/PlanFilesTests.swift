import FoundationEssentials
import HoldfastModel
import Testing

/// Reads real task files, where there are some: in the folder that `PLANS` names, else beside the
/// package.
@Suite struct PlanFilesTests {
  private static let files: [String] = {
    let manager = FileManager.default
    let folder =
      ProcessInfo.processInfo.environment["PLANS"]
      ?? manager.currentDirectoryPath + "/../shared/data/plans"
    let names = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
  }()

  @Test(arguments: files)
  func `a real task file is read`(path: String) throws {
    let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
    let plan = PlanDocument(parsing: bytes)
    try plan.check()
    #expect(!plan.isBlank)
    guard bytes.starts(with: "---".utf8) else {
      #expect(FrontMatter(parsing: bytes)?.fields == nil)
      #expect(plan.firstHeading != nil)
      return
    }
    let front = try #require(FrontMatter(parsing: bytes))
    let title = try #require(front.title)
    #expect(!title.isEmpty && title.utf8.first != UInt8(ascii: ">"))
    #expect(!title.utf8.contains(UInt8(ascii: "\n")))
    #expect(title.utf8.first != UInt8(ascii: "'") || title.utf8.last != UInt8(ascii: "'"))
    #expect(front.text("id") != nil)
    #expect(["To Do", "In Progress", "Done", "Draft"].contains(front.status))
    for label in front.labels {
      #expect(!label.isEmpty && label.utf8.allSatisfy { $0 != UInt8(ascii: "[") })
    }
    #expect(front.bodyOffset > 0 && front.bodyOffset <= bytes.count)
  }
}
