private import CSystem

/// The address that a server listens on.
struct BindAddress: Sendable, Equatable {
  /// An IPv4 address, an IPv6 address without brackets, or `localhost`.
  let text: String

  /// Reads an address; nil when it is none.
  init?(_ text: String) {
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
    guard bare == "localhost" || Self.family(bare) != 0 else { return nil }
    self.text = String(bare)
  }

  /// The address that only this machine reaches.
  static let loopback = BindAddress(checked: "127.0.0.1")

  /// Whether only this machine reaches it.
  var isLoopback: Bool { holdfast_is_loopback(text) }

  /// The address as it stands in URLs: IPv6 in brackets.
  var urlText: String { text.contains(":") ? "[\(text)]" : text }

  private init(checked text: String) { self.text = text }

  /// 4, 6, or 0 for what is no address.
  static func family(_ text: Substring) -> Int32 { holdfast_address_family(String(text)) }
}
