import HoldfastJSON
import HoldfastModel
import HoldfastStore
import Testing

@testable import HoldfastMCP

/// What every agent reads before it does anything.
@Suite struct ToolListTests {
  @Test func `the core tools come in this order`() {
    #expect(
      Toolset.core.names == [
        "orient", "task_claim", "task_get", "task_list", "task_create", "task_create_tree",
        "task_update", "task_note", "task_complete", "task_fail", "task_release", "task_block",
        "files_lock", "files_unlock",
      ])
  }

  @Test func `all tools begin with the core ones, and run every operation`() {
    let names = Toolset.all.names
    #expect(Array(names.prefix(Toolset.core.names.count)) == Toolset.core.names)
    #expect(Set(names).count == names.count)
    let run = Set(Toolset.all.tools.map(\.operation.name))
    #expect(OperationCatalog.all.allSatisfy { run.contains($0.name) })
  }

  @Test func `the core tools take at most 2,500 tokens`() {
    let bytes = JSON.array(Toolset.core.definitions).rendered().count
    print("The core tools have \(bytes) bytes, \(bytes / 4) tokens.")
    #expect(bytes / 4 <= 2_500)
  }

  @Test(arguments: ["task_create", "task_update", "task_create_tree"])
  func `a priority is a name or a number`(_ tool: String) throws {
    let properties = try #require(Toolset.core.named(tool)).definition["inputSchema"]?["properties"]
    let place = properties?["tree"]?["properties"] ?? properties
    let priority = try #require(place?["priority"])
    #expect(
      priority["anyOf"]
        == [
          ["type": "string", "enum": ["low", "medium", "high", "critical"]],
          ["type": "integer", "minimum": 0, "maximum": 10],
        ])
  }

  @Test func `the instructions have at most 2,000 characters`() {
    print("The instructions have \(Instructions.text.count) characters.")
    #expect(Instructions.text.unicodeScalars.count <= 2_000)
  }

  @Test func `the instructions name tools that there are`() {
    for name in Toolset.core.names where name.contains("_") {
      #expect(
        Instructions.text.contains(name)
          || ["task_get", "task_list", "task_update"].contains(name),
        "\(name)")
    }
  }

  @Test func `names are short and plain`() {
    for name in Toolset.all.names {
      #expect((1...40).contains(name.utf8.count), "\(name)")
      #expect(name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) })
    }
  }

  @Test(arguments: Toolset.all.tools.map(\.name))
  func `a definition is whole`(_ name: String) throws {
    let definition = try #require(Toolset.all.named(name)).definition
    for key in ["title", "description"] {
      #expect(definition[key]?.stringValue?.isEmpty == false)
    }
    let annotations = try #require(definition["annotations"]?.objectValue)
    #expect(annotations["openWorldHint"] == false)
    let schema = try #require(definition["inputSchema"])
    #expect(schema["type"] == "object")
    #expect(schema["additionalProperties"] == false)
    let properties = schema["properties"]?.objectValue?.members ?? []
    for property in properties { check(property.value, "\(name).\(property.key)") }
    for required in schema["required"]?.arrayValue ?? [] {
      #expect(properties.contains { $0.key == required.stringValue }, "\(required)")
    }
    #expect(schema["required"]?.arrayValue?.isEmpty != true, "an empty list is left out")
  }

  private static let types = ["string", "integer", "number", "boolean", "array", "object", "null"]
  private static let keywords = [
    "type", "description", "default", "enum", "items", "anyOf", "properties", "required",
    "minimum", "maximum", "format", "pattern", "minLength", "maxLength", "maxItems", "minItems",
    "additionalProperties",
  ]

  /// Checks one schema by the keywords that JSON Schema has, so that a slip in one is seen.
  private func check(_ schema: JSON, _ place: String) {
    guard let object = schema.objectValue else {
      Issue.record("\(place) is no schema")
      return
    }
    for member in object.members {
      #expect(Self.keywords.contains(member.key), "\(place) has \(member.key)")
    }
    if let type = object["type"] {
      let types = type.arrayValue ?? [type]
      for type in types { #expect(Self.types.contains(type.stringValue ?? ""), "\(place)") }
    }
    #expect(object["type"] != "array" || object["items"] != nil, "\(place)")
    if let items = object["items"] { check(items, "\(place)[]") }
    for choice in object["anyOf"]?.arrayValue ?? [] { check(choice, place) }
    for property in object["properties"]?.objectValue?.members ?? [] {
      check(property.value, "\(place).\(property.key)")
    }
  }

  @Test func `core arguments are those that their operations know`() {
    // A name that the operation does not have would be left out silently.
    let expected: [String: [String]] = [
      "task_claim": ["task", "tags", "files", "wait_ms", "force", "agent", "project"],
      "task_complete": ["task", "reason", "fence", "force", "agent", "project"],
      "task_note": ["task", "text", "agent", "project"],
      "task_list": [
        "q", "status", "ready", "blocked", "owner", "parent", "tag", "limit", "cursor", "project",
      ],
      "files_unlock": ["files", "agent", "project"],
    ]
    for (name, arguments) in expected {
      #expect(Toolset.core.named(name)?.arguments.map(\.name) == arguments, "\(name)")
    }
  }
}
