internal import HoldfastModel

/// Keeps web pages in a browser on this machine away from a server that asks for no token.
///
/// A page of any site can send requests to loopback. A name that resolves to 127.0.0.1 shows in
/// `Host` (DNS rebinding), and a page's own site in `Origin`.
struct BrowserSafety: Sendable {
  /// Host names that are this server beside the loopback names.
  var names: [String]
  /// Whether names are checked: nobody knows those under which other machines reach an open server.
  var isOn: Bool

  private static let loopback = ["localhost", "127.0.0.1", "[::1]"]

  /// Checks what a browser says about a request.
  ///
  /// - Throws: 421 for a foreign host, 403 for a write from a foreign page.
  func check(host: String?, origin: String?, isSafe: Bool) throws(HoldfastError) {
    guard isOn else { return }
    if let host, !isOurs(Self.name(ofAuthority: host)) {
      throw HoldfastError(
        .misdirected, "this server does not answer for that Host: use 127.0.0.1 or localhost")
    }
    guard !isSafe, let origin else { return }
    try check(origin: origin, host: host)
  }

  /// Refuses a page of another site, whatever names this server has: another port of this machine is
  /// another site.
  func check(origin: String, host: String?) throws(HoldfastError) {
    let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let host, Self.withPort(String(parts[2])) == Self.withPort(host) else {
      throw HoldfastError(.notAllowed, "pages of other sites may not write here")
    }
  }

  private static func withPort(_ authority: String) -> String {
    let name = name(ofAuthority: authority)
    return (name.utf8.count == authority.utf8.count ? authority + ":80" : authority).lowercased()
  }

  private func isOurs(_ name: String) -> Bool {
    let lowered = name.lowercased()
    return Self.loopback.contains(lowered) || names.contains(lowered)
  }

  /// The host without its port; an IPv6 address keeps its brackets.
  private static func name(ofAuthority authority: String) -> String {
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return authority }
      return String(authority[...end])
    }
    return String(authority.prefix { $0 != ":" })
  }
}
