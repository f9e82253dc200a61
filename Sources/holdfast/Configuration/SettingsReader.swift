import HoldfastJSON
import HoldfastModel

/// Reads settings one after the other, and remembers what it was asked for.
///
/// `Settings.init(reading:)` declares every setting by reading it. The same initializer, run over no
/// places at all, so yields the list of all settings.
struct SettingsReader {
  /// The places, first wins.
  private let layers: [SettingsLayer]
  /// What `~` stands for.
  private let home: String?
  /// What was declared so far.
  private(set) var declarations: [SettingDeclaration] = []
  /// What was read so far.
  private(set) var entries: [SettingEntry] = []

  /// A reader over some places, first wins.
  init(layers: [SettingsLayer], home: String?) {
    self.layers = layers
    self.home = home
  }

  /// Reads a whole number.
  mutating func integer(
    _ name: String, in range: ClosedRange<Int>, default standard: Int, _ help: String
  ) throws(HoldfastError) -> Int {
    let found = declare(name, .integer(range), String(standard), help)
    guard let found else { return record(name, standard, { .number(JSONNumber(Int64($0))) }) }
    guard let number = found.integer, range.contains(number) else {
      throw refusal(found, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return record(name, number, { .number(JSONNumber(Int64($0))) }, found.source)
  }

  /// Reads a length of time in whole seconds.
  mutating func seconds(
    _ name: String, in range: ClosedRange<Int>, default standard: Int, _ help: String
  ) throws(HoldfastError) -> Duration {
    .seconds(try integer(name, in: range, default: standard, help))
  }

  /// Reads a truth value.
  mutating func boolean(
    _ name: String, default standard: Bool, _ help: String, kasmos: String? = nil
  ) throws(HoldfastError) -> Bool {
    let found = declare(name, .boolean, String(standard), help, kasmos: kasmos)
    guard let found else { return record(name, standard, { .bool($0) }) }
    guard let value = found.boolean else { throw refusal(found, "true or false") }
    return record(name, value, { .bool($0) }, found.source)
  }

  /// Reads one of a few words.
  mutating func choice<Value: RawRepresentable & CaseIterable>(
    _ name: String, default standard: Value, _ help: String
  ) throws(HoldfastError) -> Value where Value.RawValue == String {
    let words = Value.allCases.map(\.rawValue)
    let found = declare(name, .choice(words), standard.rawValue, help)
    guard let found else { return record(name, standard, { .string($0.rawValue) }) }
    guard let text = found.text, let value = Value(rawValue: text) else {
      let nearest = found.text.flatMap { EditDistance.nearest($0, among: words) }
      throw refusal(found, words.joinedAsChoice, suggesting: nearest)
    }
    return record(name, value, { .string($0.rawValue) }, found.source)
  }

  /// Reads a text that becomes a value of some type.
  /// - Parameters:
  ///   - name: The key.
  ///   - kind: What values it takes.
  ///   - standard: The value when nothing says otherwise.
  ///   - defaultText: The default in words.
  ///   - help: One sentence.
  ///   - kasmos: The key in a configuration of kasmos that means the same.
  ///   - shown: The value as `debug` shows it.
  ///   - parse: Makes the value of a text, given the value as it was found; it throws the rest of a
  ///     sentence that begins with the setting.
  /// - Returns: The value.
  /// - Throws: ``HoldfastError`` that names the place of a value that is none.
  mutating func parsed<Value>(
    _ name: String, _ kind: SettingDeclaration.Kind = .text,
    default standard: @autoclosure () throws(HoldfastError) -> Value, defaultText: String,
    _ help: String, kasmos: String? = nil, shown: (Value) -> JSON,
    parse: (String, SettingValue, _ home: String?) throws(StoreLocation.Flaw) -> Value
  ) throws(HoldfastError) -> Value {
    let found = declare(name, kind, defaultText, help, kasmos: kasmos)
    guard let found else { return record(name, try standard(), shown) }
    guard let text = found.text else { throw refusal(found, "a string") }
    do {
      return record(name, try parse(text, found, home), shown, found.source)
    } catch {
      throw HoldfastError(.invalidRequest, "\(found.place()) \(error.text)")
    }
  }

  // MARK: Inside

  private mutating func declare(
    _ name: String, _ kind: SettingDeclaration.Kind, _ defaultText: String, _ help: String,
    kasmos: String? = nil
  ) -> SettingValue? {
    let setting = SettingDeclaration(
      name: name, kind: kind, defaultText: defaultText, help: help, kasmosKey: kasmos)
    declarations.append(setting)
    for layer in layers {
      if let value = layer.value(of: setting) { return value }
    }
    return nil
  }

  private mutating func record<Value>(
    _ name: String, _ value: Value, _ shown: (Value) -> JSON, _ source: SettingSource = .standard
  ) -> Value {
    entries.append(SettingEntry(name: name, value: shown(value), source: source))
    return value
  }

  private func refusal(
    _ found: SettingValue, _ wanted: String, suggesting word: String? = nil
  ) -> HoldfastError {
    let hint = word.map { "; did you mean \"\($0)\"?" } ?? ""
    return HoldfastError(
      .invalidRequest, "\(found.place()) must be \(wanted), not \(found.shown)\(hint)",
      details: word.map { [("did_you_mean", .string($0))] } ?? [])
  }
}
