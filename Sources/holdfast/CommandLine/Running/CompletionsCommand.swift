import HoldfastModel

/// The command `completions`, for any tree.
enum CompletionsCommand {
  /// Makes the command.
  static func make() -> Command {
    Command(
      "completions", summary: "Prints the completions for a shell.",
      discussion: """
        Where each shell looks for them:

          bash  ~/.local/share/bash-completion/completions/
          zsh   a folder in $fpath, as a file whose name begins with _
          fish  ~/.config/fish/completions/
        """,
      arguments: [
        .required("shell", "The shell.", hint: .words(["bash", "zsh", "fish"]))
      ]
    ) { invocation in
      let shell = invocation.argument("shell")
      guard let script = script(for: shell, of: invocation.root) else {
        throw HoldfastError(
          .usage,
          "there are completions for bash, zsh and fish, not for \"\(shell)\""
            + EditDistance.hint(shell, among: ["bash", "zsh", "fish"]))
      }
      invocation.output.text(script)
      return 0
    }
  }

  /// The script for a shell; nil when we know none.
  static func script(for shell: String, of root: Command) -> String? {
    switch shell {
    case "bash": CompletionScript.bash(for: root)
    case "zsh": CompletionScript.zsh(for: root)
    case "fish": CompletionScript.fish(for: root)
    default: nil
    }
  }
}
