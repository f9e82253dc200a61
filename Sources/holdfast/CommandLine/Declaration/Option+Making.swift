// One maker for each kind of option, so that a declaration reads as a sentence.
extension Option {
  /// An option that is there or not.
  static func flag(
    _ name: String, short: Character? = nil, _ help: String, excludes: [String] = [],
    isHidden: Bool = false
  ) -> Option {
    Option(
      name: name, short: short, kind: .flag, placeholder: "", help: help, defaultValue: nil,
      defaultNote: nil, isRepeatable: false, isRequired: false, excludes: excludes, hint: .none,
      isHidden: isHidden)
  }

  /// A flag that can also be switched off.
  static func toggle(
    _ name: String, _ help: String, default value: Bool, excludes: [String] = [],
    isHidden: Bool = false
  ) -> Option {
    Option(
      name: name, short: nil, kind: .toggle, placeholder: "", help: help,
      defaultValue: String(value), defaultNote: nil, isRepeatable: false, isRequired: false,
      excludes: excludes, hint: .words(["true", "false"]), isHidden: isHidden)
  }

  /// An option that takes any text.
  /// - Parameters:
  ///   - name: The long name, without the dashes.
  ///   - placeholder: What help writes for the value.
  ///   - help: One sentence.
  ///   - short: The letter, without the dash.
  ///   - value: The value when it is not given.
  ///   - note: What happens when it is not given, in words.
  ///   - repeatable: Whether it may be given more than once.
  ///   - required: Whether it must be given.
  ///   - excludes: The long names of the options that cannot be used with it.
  ///   - hint: How a shell can complete its value.
  ///   - isHidden: Whether help leaves it out.
  /// - Returns: The option.
  static func text(
    _ name: String, _ placeholder: String, _ help: String, short: Character? = nil,
    default value: String? = nil, defaultNote note: String? = nil, repeatable: Bool = false,
    required: Bool = false, excludes: [String] = [], hint: ValueHint = .none,
    isHidden: Bool = false
  ) -> Option {
    Option(
      name: name, short: short, kind: .text, placeholder: placeholder, help: help,
      defaultValue: value, defaultNote: note, isRepeatable: repeatable, isRequired: required,
      excludes: excludes, hint: hint, isHidden: isHidden)
  }

  /// An option that takes a whole number.
  static func integer(
    _ name: String, _ placeholder: String, _ help: String, in range: ClosedRange<Int>,
    short: Character? = nil, default value: Int? = nil, defaultNote note: String? = nil,
    required: Bool = false, excludes: [String] = [], isHidden: Bool = false
  ) -> Option {
    Option(
      name: name, short: short, kind: .integer(range), placeholder: placeholder, help: help,
      defaultValue: value.map { String($0) }, defaultNote: note, isRepeatable: false,
      isRequired: required, excludes: excludes, hint: .none, isHidden: isHidden)
  }

  /// An option that takes one of a few words.
  static func choice(
    _ name: String, _ placeholder: String, _ words: [String], _ help: String,
    short: Character? = nil, default value: String? = nil, defaultNote note: String? = nil,
    repeatable: Bool = false, required: Bool = false, excludes: [String] = [],
    isHidden: Bool = false
  ) -> Option {
    Option(
      name: name, short: short, kind: .choice(words), placeholder: placeholder, help: help,
      defaultValue: value, defaultNote: note, isRepeatable: repeatable, isRequired: required,
      excludes: excludes, hint: .words(words), isHidden: isHidden)
  }
}
