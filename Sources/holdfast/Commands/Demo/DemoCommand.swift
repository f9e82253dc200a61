import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// `demo`: a story with real documents, two workers, and a server that is killed in the middle.
enum DemoCommand {
  static func make() -> Command {
    Command(
      "demo", summary: "Tells a story with your own documents, in a store of its own.",
      discussion: """
        Makes a task of every Markdown file in a folder, writes a plan for three of them, and lets \
        two workers walk those to their end by signals, while the server is killed in the middle. \
        Then it compares every byte and verifies the store. Nothing of it stays.
        """,
      options: [
        .text("plans", "folder", "The folder with the documents.", required: true, hint: .folder)
      ]
    ) { invocation in
      let documents = try DemoDocument.all(in: invocation.requiredText("plans"))
      guard documents.count >= 3 else {
        throw HoldfastError(.usage, "the folder must have at least three Markdown files")
      }
      let processes = try ChildProcesses()
      let folder = try ScratchFolder()
      defer { folder.remove() }
      defer { processes.stopAll() }
      return try DemoStory(
        documents: documents, folder: folder, processes: processes, output: invocation.output
      ).tell()
    }
  }
}

/// A document on its way to becoming a task.
struct DemoDocument {
  let filename: TaskFilename
  let bytes: [UInt8]
  let title: String
  let status: TaskStatus
  let labels: [String]

  /// All Markdown files of a folder, in the order of their names.
  static func all(in folder: String) throws -> [DemoDocument] {
    guard let names = Path.names(in: folder) else {
      throw HoldfastError(.notFound, "there is no folder \(folder)")
    }
    return try names.filter { $0.hasSuffix(".md") }.sorted().map {
      try DemoDocument(name: $0, in: folder)
    }
  }

  private init(name: String, in folder: String) throws {
    filename = try TaskFilename(name)
    bytes = try FileBytes.read("\(folder)/\(name)", upTo: 16 << 20)
    let front = FrontMatter(parsing: bytes)
    title = front?.title ?? filename.text
    labels = front?.labels ?? []
    status =
      switch front?.status {
      case "In Progress": .implementing
      case "Done": .done
      default: .ready
      }
  }
}
