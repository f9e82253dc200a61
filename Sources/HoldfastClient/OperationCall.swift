public import HoldfastJSON
public import HoldfastModel

/// One operation to be run, wherever the store is.
public struct OperationCall: Sendable {
  /// The operation's name.
  public var name: String
  /// Its fields.
  public var fields: JSONObject
  /// Bytes for the field of that name, which need not be UTF-8.
  public var attachment: Attachment?
  /// The folder of its project on this machine, for operations on the files in it; only a store of this
  /// machine is told.
  public var projectFolder: String?
  /// The agent that makes the call, where no field needs to say so.
  public var agent: AgentID?
  /// Under which it is done once; one is made for it where this is left out.
  public var idempotencyKey: String?
  /// Ends its wait where it runs in this process; ``WaitEnd`` does elsewhere.
  public var stop: CallStop?

  /// Bytes that go to a field as they are.
  public struct Attachment: Sendable {
    public let field: String
    public let bytes: [UInt8]

    public init(field: String, bytes: [UInt8]) {
      self.field = field
      self.bytes = bytes
    }
  }

  public init(_ name: String, _ fields: [(String, JSON)] = [], attachment: Attachment? = nil) {
    self.name = name
    self.fields = JSONObject(fields)
    self.attachment = attachment
  }
}

/// Runs operations for commands: on the store itself, or on a server that has it.
public protocol OperationRunner: AnyObject {
  /// Runs an operation.
  ///
  /// - Returns: Its native answer; nil when it waited in vain.
  /// - Throws: ``HoldfastError``, the same wherever the operation ran.
  func run(_ call: OperationCall) throws -> JSON?

  /// Whether a call that waits keeps nobody out of the store; known after the first call.
  var mayWait: Bool { get }
}

extension OperationRunner {
  public var mayWait: Bool { true }
}
