public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Gives a project's configuration, exactly as it was put.
public struct ProjectConfigGet: Query {
  public static let name = "project_config_get"
  public static let summary = "Gives a project's configuration as TOML text."
  public static let access = Access.read

  public let project: ProjectName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
  }

  public func run(in view: StoreView) throws -> ProjectConfig {
    guard let text = try view.findProject(project)?.config else {
      throw HoldfastError(
        .configNotFound, "config not found: \(project)",
        details: [("project", .string(project.text))])
    }
    return ProjectConfig(text: text)
  }
}

/// Keeps a project's configuration.
public struct ProjectConfigPut: Mutation {
  public static let name = "project_config_put"
  public static let summary =
    "Keeps a project's configuration as TOML text, in place of the old one."
  public static let access = Access.write

  /// The longest configuration, in bytes.
  public static let bytesMax = 1024 * 1024

  public let project: ProjectName
  public let config: [UInt8]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    config = try fields.bytes("config", "The configuration, at most 1 MiB of TOML text.")
  }

  public func prepare() throws -> String {
    guard config.count <= Self.bytesMax else {
      throw HoldfastError(
        .tooLarge,
        "the configuration must have at most \(Self.bytesMax) bytes, not \(config.count)",
        details: [("limit", .number(JSONNumber(Int64(Self.bytesMax))))])
    }
    // https://toml.io/en/v1.0.0: "A TOML file must be a valid UTF-8 encoded Unicode document."
    guard let text = String(validating: config, as: UTF8.self), !config.contains(0) else {
      throw HoldfastError(
        .invalidField, "the configuration must be UTF-8 text without the character U+0000")
    }
    return text
  }

  public func run(_ text: String, in changes: Changes) throws -> WriteVerdict<Done> {
    let project = try changes.projectForWriting(project)
    try changes.change(project, "configuration of project \(project.name) changed") {
      $0.config = text
    }
    return .done(Done())
  }
}

/// A configuration as its bytes.
public struct ProjectConfig: Output {
  public let text: String

  public static var placeholder: ProjectConfig { ProjectConfig(text: "") }

  public func write(_ out: inout ObjectWriter) {
    out.raw("config", Array(text.utf8), "The configuration as TOML text.")
  }
}
