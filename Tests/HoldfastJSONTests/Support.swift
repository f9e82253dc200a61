import HoldfastJSON
import Testing

/// Reads text as one whole document.
func read(_ text: String) throws(JSONError) -> JSON {
  try JSONReader.read(Array(text.utf8))
}

/// The error for bytes that must be refused.
func refusal(_ bytes: [UInt8]) throws -> JSONError {
  try #require(throws: JSONError.self) { try JSONReader.read(bytes) }
}

/// The error for text that must be refused.
func refusal(_ text: String) throws -> JSONError {
  try refusal(Array(text.utf8))
}

/// A string literal around raw bytes.
func quoted(_ bytes: [UInt8]) -> [UInt8] {
  [0x22] + bytes + [0x22]
}
