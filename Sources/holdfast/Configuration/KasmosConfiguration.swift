import HoldfastJSON

/// What we take from a configuration of kasmos, and what we only show.
enum KasmosConfiguration {
  /// A value of a kasmos configuration that no setting of ours uses.
  struct Unused: Sendable, Equatable {
    /// The file that it stands in.
    let file: String
    /// Its key, with a dot between tables.
    let key: String
    /// Its value, secrets masked.
    let value: JSON
  }

  /// The keys of kasmos at the top of a file.
  ///
  /// A file of ours may hold them, too, so that one can be copied; what no setting uses is kept and
  /// never refused.
  static let keys: Set<String> = [
    "default_program", "daemon_poll_interval", "branch_prefix", "notifications_enabled", "auto_yes",
    "phases", "agents", "ui", "orchestration", "linear", "resources", "telemetry", "sdk", "hooks",
  ]

  /// Whether a value counts for a setting.
  ///
  /// An empty `database_url` means none to kasmos. One that names a file is the database of kasmos,
  /// which is imported and never opened in place, so only a server counts.
  static func isUsed(_ value: JSON, for setting: SettingDeclaration) -> Bool {
    guard setting.name == "database_url", let text = value.stringValue else { return true }
    return ["http", "https"].contains(StoreURL.scheme(of: text)?.lowercased())
  }

  /// The values in a file of kasmos, or in such tables of ours, that no setting uses, in the order of
  /// their keys.
  static func unused(
    in file: ConfigurationFile, isOurs: Bool, by settings: [SettingDeclaration]
  ) -> [Unused] {
    leaves(of: file.values, below: "").compactMap { key, value in
      if let setting = settings.first(where: { $0.kasmosKey == key }), isUsed(value, for: setting) {
        return nil
      }
      let top = key.prefix { $0 != "." }
      if isOurs, !keys.contains(String(top)) { return nil }
      return Unused(file: file.path, key: key, value: masked(value, key: key))
    }
  }

  /// The values of a table and of those inside it, with their dotted keys.
  static func leaves(of table: JSONObject, below prefix: String) -> [(key: String, value: JSON)] {
    table.members.flatMap { member -> [(key: String, value: JSON)] in
      let key = prefix + member.key
      guard case .object(let inner) = member.value, !inner.members.isEmpty else {
        return [(key, member.value)]
      }
      return leaves(of: inner, below: key + ".")
    }
  }

  /// A value with the secrets in it replaced.
  private static func masked(_ value: JSON, key: String) -> JSON {
    let name = key.split(separator: ".").last.map { $0.lowercased() } ?? ""
    let isSecret = ["token", "secret", "password", "api_key", "apikey"].contains {
      name.contains($0)
    }
    switch value {
    case .string(let text):
      return isSecret && !text.isEmpty ? "***" : .string(StoreURL.redacted(text))
    case .array(let elements): return .array(elements.map { masked($0, key: key) })
    case .object(let object):
      return .object(JSONObject(object.members.map { ($0.key, masked($0.value, key: $0.key)) }))
    case .null, .bool, .number: return value
    }
  }
}
